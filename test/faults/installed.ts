import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..', '..')
if (!existsSync(join(root, 'dist', 'cli.js'))) throw new Error('the command is struck as it is published: run `npm run build` first')

/** Where a copy of the built command lies, so that it may be built anew while this goes on. */
const folder = mkdtempSync(join(tmpdir(), 'faults-installed-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
for (const name of ['dist', 'package.json']) cpSync(join(root, name), join(folder, name), { recursive: true })
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')

/** The bundled command, as it is published. */
export const command = join(folder, 'dist', 'cli.js')

/** What Node compiled once: starting takes half as long from then on. */
export const compiled = join(folder, 'compiled')

const modules = ['steps', 'clock'] as const

/** Stripped once: Node takes longer to read TypeScript than a run has time for. */
const urls = new Map(modules.map((name) => [name, stripped(name)]))

/** What the environment of a process must say for a module of `in-process/` to be imported before Syncline is. */
export function inProcess(name: (typeof modules)[number]): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${urls.get(name)}` }
}

function stripped(name: string): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'in-process', `${name}.ts`), 'utf8')))
  return pathToFileURL(path).href
}
