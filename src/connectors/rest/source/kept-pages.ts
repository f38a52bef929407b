import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SeenColumn } from './column-set.ts'
import type { Position } from './paginate.ts'
import type { SpoolMark } from './spool.ts'

/** How far a read came: everything that it takes to go on after its last complete page. */
export interface Progress {
  readonly mark: SpoolMark
  readonly seen: readonly SeenColumn[]
  /** Where the next page is; absent where all of them were read. */
  readonly position?: Position
  /** Rows of the pages so far. */
  readonly rows: number
  /** When its first page was asked for, in milliseconds of Unix time. */
  readonly begun: number
}

const version = 1

/** The complete pages of one request, kept from one run to the next. One process at a time has them. */
export class KeptPages implements Disposable {
  /** More may be kept there beside the pages. */
  readonly directory: string
  readonly spoolPath: string
  /** Of an earlier run, where it is young enough. */
  readonly earlier: Progress | undefined
  readonly #lock: DatabaseSync

  private constructor(directory: string, lock: DatabaseSync, earlier: Progress | undefined) {
    this.directory = directory
    this.spoolPath = path.join(directory, 'rows.ndjson')
    this.earlier = earlier
    this.#lock = lock
  }

  /**
   * @param request a digest of everything that says which rows are asked for.
   * @param youngest milliseconds after which pages are too old.
   * @returns `undefined` where another process has them.
   */
  static async open(keptDirectory: string, request: string, youngest: number): Promise<KeptPages | undefined> {
    await removeOld(keptDirectory, youngest)
    const directory = path.join(keptDirectory, `pages-${request}`)
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const lock = lockedBy(path.join(directory, 'lock'))
    return lock && new KeptPages(directory, lock, await readProgress(directory, youngest))
  }

  /** Notes how far the read came. What was noted before stands until this is whole. */
  async note(progress: Progress): Promise<void> {
    const file = path.join(this.directory, 'progress.json')
    await writeFile(`${file}.new`, JSON.stringify({ version, ...progress }), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }

  /** The read is complete, or has to begin anew: nothing is left to go on with. */
  async forget(): Promise<void> {
    await rm(path.join(this.directory, 'progress.json'), { force: true })
  }

  /** Lets others have them. */
  [Symbol.dispose](): void {
    if (this.#lock.isOpen) this.#lock.close()
  }
}

/** The kernel frees the lock when a process dies. */
function lockedBy(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file)
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch {
    database.close()
    return undefined
  }
}

async function readProgress(directory: string, youngest: number): Promise<Progress | undefined> {
  try {
    const progress = JSON.parse(await readFile(path.join(directory, 'progress.json'), 'utf8')) as Progress & { readonly version: number }
    const { size } = await stat(path.join(directory, 'rows.ndjson'))
    const isYoung = Math.abs(Date.now() - progress.begun) <= youngest
    return progress.version === version && isYoung && size >= progress.mark.bytes ? progress : undefined
  } catch {
    // Nothing was kept, or a crash left it half written: the read begins anew.
    return undefined
  }
}

/** Pages that nobody asked for again hold data: they go. */
async function removeOld(keptDirectory: string, youngest: number): Promise<void> {
  for (const name of await readdir(keptDirectory).catch(() => [])) {
    if (!name.startsWith('pages-')) continue
    const directory = path.join(keptDirectory, name)
    const last = await lastWritten(directory)
    if (last !== undefined && Date.now() - last > Math.max(youngest, 3_600_000)) await rm(directory, { recursive: true, force: true })
  }
}

/** When rows were last put there, in milliseconds of Unix time. */
async function lastWritten(directory: string): Promise<number | undefined> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.ndjson'))
  const found = await Promise.all(names.map((name) => stat(path.join(directory, name)).catch(() => undefined)))
  const times = found.flatMap((one) => (one ? [one.mtimeMs] : []))
  return times.length > 0 ? Math.max(...times) : undefined
}
