import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { configJsonSchema } from '../../src/config/json-schema.ts'
import { declareType } from './config-types.ts'

const specifier = /((?:from|import)\s*\(?\s*['"])(\.[^'"]+)\.ts(['"])/g

/**
 * Writes the declarations of the SDK's door (tsconfig.build.json), and of what they name, into `directory`. Imports end in
 * `.js`, as in published code, and no package is imported: the config's type is declared from its schema.
 */
export async function emitDeclarations(directory: string): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'syncline-types-'))
  try {
    await compile(scratch)
    await writeFile(join(scratch, 'config', 'schema.d.ts'), declareType('ConfigInput', configJsonSchema()))
    await copyReachable(join(scratch, 'index.d.ts'), scratch, directory, new Set())
  } finally {
    await rm(scratch, { recursive: true })
  }
}

async function compile(directory: string): Promise<void> {
  const arguments_ = ['--project', 'tsconfig.build.json', '--outDir', directory]
  await promisify(execFile)('tsc', arguments_).catch((error: { readonly stdout?: string }) => {
    throw new Error(`the declarations were not made:\n${error.stdout || String(error)}`)
  })
}

async function copyReachable(file: string, from: string, to: string, seen: Set<string>): Promise<void> {
  if (seen.has(file)) return
  seen.add(file)
  const text = await readFile(file, 'utf8')
  const target = join(to, relative(from, file))
  await mkdir(dirname(target), { recursive: true })
  await writeFile(target, text.replace(specifier, '$1$2.js$3'))
  for (const [, , path = ''] of text.matchAll(specifier)) await copyReachable(join(dirname(file), `${path}.d.ts`), from, to, seen)
}
