import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SyncDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import type { Config } from './config.ts'
import { declareConnection } from './connections.ts'
import { findConfig, noConfig } from './find.ts'
import { importModule } from './import-module.ts'
import { override } from './overrides.ts'
import { absolutePath } from './paths.ts'
import { configError, type Locate, type Problem } from './problem.ts'
import { checkSyncs } from './rules.ts'
import type { ConfigInput } from './schema.ts'
import { fillSecrets, type SecretContext } from './secrets.ts'
import { resolveSync, type SyncContext } from './syncs.ts'
import { validate } from './validate.ts'

/**
 * Reads a config file; without `path` the one in `cwd`.
 * @param set values in place of those of the file: `syncs.prices.mode=upsert`.
 * @throws ConfigError naming file, line and column in YAML, the key path in TypeScript, and all that is wrong at once.
 */
export async function loadConfig(path: string | undefined, cwd: string, set: readonly string[] = []): Promise<Config> {
  const file = path === undefined ? findConfig(cwd) : resolve(cwd, path)
  if (file === undefined) throw noConfig(cwd)
  const name = relative(cwd, file).startsWith('..') ? file : relative(cwd, file)
  const { input, locate } = /\.[cm]?[jt]s$/.test(file) ? await importConfig(file, name) : await readConfig(file, name)
  return await resolveInput(input, locate, dirname(file), set, file)
}

/** Checks a config that a program made; relative paths begin in `directory`. */
export async function resolveConfig(input: ConfigInput, directory: string, set: readonly string[] = []): Promise<Config> {
  return await resolveInput(input, () => ({ text: 'config', offset: 0 }), directory, set)
}

/** Checks the text of a YAML config that is going to be written into `directory`. */
export async function checkYaml(text: string, directory: string): Promise<void> {
  const { readYaml } = await import('./yaml.ts')
  const { input, locate } = readYaml(text, 'syncline.yaml')
  await resolveInput(input, locate, directory, [])
}

/** A config that says nothing: for addresses that spell out their systems. */
export function emptyConfig(directory: string): Config {
  return { directory, statePath: statePath(undefined, directory), connections: new Map(), syncs: [] }
}

async function readConfig(file: string, name: string): Promise<{ readonly input: unknown; readonly locate: Locate }> {
  const [{ readYaml }, text] = await Promise.all([import('./yaml.ts'), readText(file, name)])
  return readYaml(text, name)
}

async function readText(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    const message = code === 'ENOENT' ? `there is no config ${name}` : `${name} cannot be read: ${code}`
    throw new ConfigError({ code: 'NO_CONFIG', message, hint: 'check the path given to --config, and that you may read the file', cause })
  }
}

async function importConfig(file: string, name: string): Promise<{ readonly input: unknown; readonly locate: Locate }> {
  try {
    const module = await importModule(pathToFileURL(file).href)
    const input: unknown = await module.default
    if (typeof input === 'object' && input !== null) return { input, locate: () => ({ text: name, offset: 0 }) }
  } catch (cause) {
    const message = `${name} cannot be imported: ${cause instanceof Error ? cause.message : String(cause)}`
    const isScript = file.endsWith('.js') && /outside a module|Unexpected token 'export'/.test(message)
    const hint = isScript
      ? `it is read as CommonJS: rename it to ${basename(file, '.js')}.mjs, or write "type": "module" in the package.json`
      : `run it alone to see where it fails: node ${name}`
    throw new ConfigError({ code: 'BAD_CONFIG', message, hint, cause })
  }
  const hint = 'write: export default defineConfig({ connections: …, syncs: … })'
  throw new ConfigError({ code: 'BAD_CONFIG', message: `${name} has no config as its default export`, hint })
}

async function resolveInput(raw: unknown, position: Locate, directory: string, set: readonly string[], path?: string): Promise<Config> {
  const { input, locate } = await override(raw, position, set)
  const validated = validate(input)
  if ('problems' in validated) throw configError(validated.problems, locate)
  const { config } = validated
  const context: SecretContext = { directory, place: (at) => locate(at, 'value').text }
  const connections = new Map(
    Object.entries(config.connections ?? {}).map(([name, value]) => [name, declareConnection(name, value, context)]),
  )
  const syncs = await resolveSyncs(config, { connections, ...context }, locate)
  const state = config.state === undefined ? undefined : String(fillSecrets(config.state, ['state'], context))
  return { ...(path === undefined ? {} : { path }), directory, statePath: statePath(state, directory), connections, syncs }
}

async function resolveSyncs(config: ConfigInput, context: SyncContext, locate: Locate): Promise<readonly SyncDefinition[]> {
  const problems: Problem[] = []
  const inputs = Object.entries(config.syncs ?? {})
  const report = (problem: Problem) => problems.push(problem)
  const syncs = inputs.flatMap(([name, input]) => resolveSync(name, input, config.defaults ?? {}, context, report) ?? [])
  problems.push(
    ...checkSyncs(
      syncs,
      inputs.map(([name]) => name),
    ),
  )
  if (problems.length > 0) throw configError(problems, locate)
  return syncs
}

/** `state:` names a SQLite file by its extension, else the folder to keep one in. */
function statePath(state: string | undefined, directory: string): string {
  const path = absolutePath(state ?? '.syncline', directory)
  return /\.(db|sqlite3?)$/i.test(basename(path)) ? path : join(path, 'state.db')
}
