import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ChildPage, ChildrenPlace } from './children.ts'
import type { ColumnSet, SeenColumn } from './column-set.ts'
import { Spool, type SpoolMark } from './spool.ts'

/** A page that one worker had read, and how far its spool reached then. */
interface Line extends ChildPage {
  readonly mark: SpoolMark
  /** All columns so far, where there are more, or other kinds of values in them, than at the line before. */
  readonly seen?: readonly SeenColumn[]
}

/** What one worker had read when its run broke off. */
export interface KeptChildren {
  readonly lines: readonly Line[]
}

/** @returns of each worker of an earlier run what it had read, as far as its files have it. */
export async function readKeptChildren(directory: string): Promise<readonly KeptChildren[]> {
  const kept: KeptChildren[] = []
  for (const names = await readdir(directory); names.includes(logName(kept.length)); ) {
    const log = await readFile(path.join(directory, logName(kept.length)), 'utf8')
    const { size } = await stat(path.join(directory, spoolName(kept.length)))
    kept.push({ lines: whole(log).filter(({ mark }) => mark.bytes <= size) })
  }
  return kept
}

/** What an earlier run kept is of no use any more. */
export async function removeKeptChildren(directory: string): Promise<void> {
  for (const name of await readdir(directory)) if (name.startsWith('children-')) await rm(path.join(directory, name), { force: true })
}

/** A crash may have left the last line half written. */
function whole(log: string): readonly Line[] {
  return log
    .slice(0, log.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line)
}

/** The columns of everything that was kept. Workers share them, so the longest list has them all, in their order. */
export function seenIn(kept: readonly KeptChildren[]): readonly SeenColumn[] {
  const all: [string, number][] = []
  for (const { lines } of kept)
    for (const { seen = [] } of lines)
      for (const [index, [name, kinds]] of seen.entries()) all[index] = [name, kinds | (all[index]?.[1] ?? 0)]
  return all
}

/**
 * A place for each worker, those of the earlier run first: with more of them than workers, the last ones take nothing more.
 * @param workers how many places take more children.
 */
export async function openKeptChildren(
  directory: string,
  kept: readonly KeptChildren[],
  workers: number,
  columns: ColumnSet,
): Promise<readonly (ChildrenPlace & { forget(): Promise<void> })[]> {
  const count = Math.max(workers, kept.length)
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const lines = kept[index]?.lines ?? []
      const goesOn = index < workers
      return await KeptChildrenPlace.open(directory, index, goesOn ? lines : finished(lines), columns)
    }),
  )
}

/** Without the pages of a child that was begun and is not complete. */
function finished(lines: readonly Line[]): readonly Line[] {
  return lines.slice(0, lines.findLastIndex(({ position }) => position === undefined) + 1)
}

/** Where one worker puts children so that a later run can go on after its last complete page. */
class KeptChildrenPlace implements ChildrenPlace {
  readonly spool: Spool
  readonly done: readonly number[]
  readonly begun: ChildPage | undefined
  readonly #log: string
  readonly #columns: ColumnSet
  #seen = ''

  static async open(directory: string, index: number, lines: readonly Line[], columns: ColumnSet): Promise<KeptChildrenPlace> {
    const log = path.join(directory, logName(index))
    await writeFile(`${log}.new`, lines.map(textOf).join(''), { mode: 0o600 })
    await rename(`${log}.new`, log)
    return new KeptChildrenPlace(await Spool.open(path.join(directory, spoolName(index)), lines.at(-1)?.mark), log, lines, columns)
  }

  private constructor(spool: Spool, log: string, lines: readonly Line[], columns: ColumnSet) {
    const last = lines.at(-1)
    this.spool = spool
    this.done = lines.flatMap(({ position, parent }) => (position === undefined ? [parent.number] : []))
    this.begun = last?.position === undefined ? undefined : last
    this.#log = log
    this.#columns = columns
  }

  async note(page: ChildPage): Promise<void> {
    const mark = await this.spool.mark()
    await this.spool.secure()
    const seen = JSON.stringify(this.#columns.seen)
    const line = { ...page, mark, ...(seen === this.#seen ? {} : { seen: this.#columns.seen }) }
    this.#seen = seen
    await appendFile(this.#log, textOf(line), { mode: 0o600 })
  }

  /** Nothing is left to go on with. */
  async forget(): Promise<void> {
    await rm(this.#log, { force: true })
  }
}

function textOf(line: Line): string {
  return `${JSON.stringify(line)}\n`
}

function logName(index: number): string {
  return `children-${index}.log`
}

function spoolName(index: number): string {
  return `children-${index}.ndjson`
}
