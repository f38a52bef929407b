import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcomes } from './copy-pair.ts'

/** What is known of each pair, a file for a source: what the last run of the matrix saw, and what `docs/types.md` is made of. */
export type Recorded = Readonly<Record<string, Outcomes>>

const folder = join(import.meta.dirname, 'recorded')

/** Whether what is seen replaces what was recorded. Test files must then run one after the other. */
export const isWriting = process.env.SYNCLINE_WRITE_DOCS === '1'

/** Outcomes by target. */
export function recorded(source: string): Recorded {
  const path = pathOf(source)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {}
}

export function record(source: string, target: string, outcomes: Outcomes): void {
  const known = { ...recorded(source), [target]: outcomes }
  const ordered = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)))
  mkdirSync(folder, { recursive: true })
  writeFileSync(pathOf(source), `${JSON.stringify(ordered, null, 1)}\n`)
}

function pathOf(source: string): string {
  return join(folder, `${source}.json`)
}
