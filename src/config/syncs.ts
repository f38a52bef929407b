import type { Mode, SourceDefinition, SyncDefinition, TargetDefinition } from '../core/definition.ts'
import { ConfigError } from '../core/errors.ts'
import type { Redaction } from '../core/redaction.ts'
import { parseType } from '../core/types.ts'
import { type Address, type AddressContext, parseAddress, parseConnection } from './addresses.ts'
import { resolveFamily } from './family.ts'
import { parseGuard, parseOnReject } from './guard.ts'
import { parseJournal } from './journal.ts'
import { modeOf } from './modes.ts'
import { formatPath, type Path, type Problem } from './problem.ts'
import { parseRedact } from './redact.ts'
import { restSourceKeys } from './rest-source.ts'
import { restTargetKeys } from './rest-target.ts'
import { type ConfigInput, objectOptionNames, type SourceInput, type SyncInput, type TargetInput } from './schema.ts'
import type { SecretContext } from './secrets.ts'
import { isWebUrl } from './urls.ts'

/** Takes note of what is wrong, so that all of it can be said at once. */
export type Report = (problem: Problem) => void

/** What names in a config mean, and where its secrets are. */
export type SyncContext = AddressContext & SecretContext

/** One sync with its defaults filled in, or `undefined` where something is wrong that was reported. */
export function resolveSync(
  name: string,
  input: SyncInput,
  defaults: NonNullable<ConfigInput['defaults']>,
  context: SyncContext,
  report: Report,
): SyncDefinition | undefined {
  const path: Path = ['syncs', name]
  const sync: SyncInput = { ...defaults, ...input }
  const from = attempt([...path, 'from'], report, () => resolveSource(sync.from, [...path, 'from'], context))
  const to = attempt([...path, 'to'], report, () => resolveTarget(sync.to, [...path, 'to'], context))
  if (sync.mode === undefined) {
    report({
      path: [...path, 'mode'],
      at: 'value',
      message: `${formatPath(path)}.mode is missing; expected one of replace, append, upsert, mirror`,
    })
  }
  if (!from || !to || sync.mode === undefined) return undefined
  const mode = modeOf(sync.mode)
  refuseProceeding(mode, input.guard, path, report)
  const redact = redactionOf(input, defaults, path, context)
  const family = resolveFamily(sync, { from, to, path, report, context })
  return {
    name,
    from,
    to,
    mode,
    ...(sync.key === undefined ? {} : { key: list(sync.key) }),
    ...(sync.scope === undefined ? {} : { scope: sync.scope }),
    ...(sync.guard === undefined ? {} : { guard: parseGuard(sync.guard) }),
    verify: sync.verify ?? 'checksum',
    onReject: parseOnReject(sync.on_reject ?? (mode === 'replace' ? 'stop' : 'continue')),
    ...(redact === undefined ? {} : { redact }),
    ...(sync.journal === undefined ? {} : { journal: parseJournal(sync.journal) }),
    ...(sync.resume === undefined ? {} : { resume: sync.resume }),
    after: list(sync.after ?? []),
    tags: sync.tags ?? [],
    ...(family === undefined ? {} : { family }),
  }
}

/** Said of the guard of this very sync: that of `defaults` is for the others, too. */
function refuseProceeding(mode: Mode, guard: SyncInput['guard'], path: Path, report: Report): void {
  if (mode !== 'replace' || guard === undefined || guard === 'off' || guard.proceed === undefined) return
  report({
    path: [...path, 'guard', 'proceed'],
    at: 'key',
    message: `${formatPath(path)}: \`proceed\` lets inserts go on without the deletes; a replace is swapped in at once`,
    hint: 'leave `proceed` out, or choose the mode mirror, which needs a key',
  })
}

function redactionOf(
  input: SyncInput,
  defaults: NonNullable<ConfigInput['defaults']>,
  path: Path,
  context: SyncContext,
): Redaction | undefined {
  if (input.redact !== undefined) return parseRedact(input.redact, { ...context, path: [...path, 'redact'], strict: true })
  if (defaults.redact === undefined) return undefined
  return parseRedact(defaults.redact, { ...context, path: ['defaults', 'redact'], strict: false })
}

function resolveSource(input: string | SourceInput, path: Path, context: AddressContext): SourceDefinition {
  if (typeof input === 'string') return withObject(input, parseAddress(input, context))
  const { connection, object } = longAddress(input.connection, objectOf(input, path), input.query !== undefined, path, context)
  const options = objectOptions(input, path)
  return {
    connection,
    ...(object === undefined ? {} : { object }),
    ...(options === undefined ? {} : { options }),
    ...(input.query === undefined ? {} : { query: input.query }),
    ...(input.select === undefined ? {} : { select: list(input.select) }),
    ...(input.where === undefined ? {} : { where: input.where }),
    ...(input.cursor === undefined ? {} : { cursor: input.cursor }),
    ...(input.lag === undefined ? {} : { lag: input.lag }),
  }
}

function resolveTarget(input: string | TargetInput, path: Path, context: AddressContext): TargetDefinition {
  if (typeof input === 'string') return withObject(input, parseAddress(input, context))
  const { connection, object = input.object } = longAddress(input.connection, input.object, false, path, context)
  const options = objectOptions(input, path)
  return { connection, object, ...(options === undefined ? {} : { options }) }
}

function withObject(text: string, { connection, object, sheet }: Address): TargetDefinition {
  if (object === undefined) {
    const { name } = connection
    throw mistake(
      `\`${name}\` names ${name === text ? 'a connection' : 'a system'}; expected an object in it`,
      `write ${name}#… with the name of the object`,
    )
  }
  return { connection, object, ...(sheet === undefined ? {} : { options: { sheet } }) }
}

function objectOf(input: SourceInput, path: Path): string | undefined {
  const given = (['object', 'resource', 'query'] as const).filter((key) => input[key] !== undefined)
  if (given.length > 1)
    throw mistake(
      `${formatPath(path)} has both \`${given[0]}\` and \`${given[1]}\`; expected one of them`,
      `leave \`${given[1]}\` or \`${given[0]}\` out`,
    )
  return input.object ?? input.resource
}

function longAddress(text: string, object: string | undefined, isQuery: boolean, path: Path, context: AddressContext): Address {
  const address = parseConnection(text, context)
  if (address.object !== undefined && (object !== undefined || isQuery)) {
    throw mistake(`${formatPath(path)}.connection leads to a file; expected the folder that holds it`, 'name the file as `object`')
  }
  const named = object ?? address.object ?? (isWebUrl(text) && !isQuery ? '/' : undefined)
  if (named === undefined && !isQuery) throw mistake(`${formatPath(path)}.object is missing; expected the name of an object, or \`query\``)
  return named === undefined ? { connection: address.connection } : { connection: address.connection, object: named }
}

function objectOptions(input: SourceInput | TargetInput, path: Path): Readonly<Record<string, unknown>> | undefined {
  for (const [column, type] of Object.entries(input.columns ?? {})) checkType(type, [...path, 'columns', column])
  const entries = Object.entries(input).filter(
    ([key, value]) => [...objectOptionNames, ...restSourceKeys, ...restTargetKeys].includes(key) && value !== undefined,
  )
  if (input.sheet !== undefined) entries.push(['sheet', String(input.sheet)])
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function checkType(type: string, path: Path): void {
  try {
    parseType(type)
  } catch (error) {
    throw error instanceof ConfigError ? new Misplaced(path, error) : error
  }
}

function list(input: string | readonly string[]): readonly string[] {
  return typeof input === 'string' ? [input] : input
}

/** A mistake whose place is below the one that was being read. */
class Misplaced extends Error {
  readonly path: Path
  readonly error: ConfigError

  constructor(path: Path, error: ConfigError) {
    super(error.message)
    this.path = path
    this.error = error
  }
}

function mistake(message: string, hint?: string): ConfigError {
  return new ConfigError({ code: 'BAD_CONFIG', message, ...(hint === undefined ? {} : { hint }) })
}

function attempt<T>(path: Path, report: Report, resolve: () => T): T | undefined {
  try {
    return resolve()
  } catch (thrown) {
    const [place, error] = thrown instanceof Misplaced ? [thrown.path, thrown.error] : [path, thrown]
    if (!(error instanceof ConfigError)) throw error
    report({ path: place, at: 'value', message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) })
    return undefined
  }
}
