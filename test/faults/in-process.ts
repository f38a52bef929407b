import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

type Name = 'steps' | 'clock'

const folder = mkdtempSync(join(tmpdir(), 'faults-in-process-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Stripped once: Node takes longer to read TypeScript than a run has time for. */
const urls = new Map((['steps', 'clock'] as const).map((name) => [name, stripped(name)]))

/** What the environment of a process must say for a module of `in-process/` to be imported before Syncline is. */
export function inProcess(name: Name): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${urls.get(name)}` }
}

function stripped(name: Name): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, stripTypeScriptTypes(readFileSync(join(import.meta.dirname, 'in-process', `${name}.ts`), 'utf8')))
  return pathToFileURL(path).href
}
