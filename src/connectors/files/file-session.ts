import { RunError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { Beside } from './beside.ts'
import type { Catalog, Opened } from './catalog.ts'
import { refuseOpenElsewhere } from './excel/write/open-elsewhere.ts'
import { targetMoved, withFile } from './file-errors.ts'
import { FileSnapshot } from './file-snapshot.ts'
import { isBook } from './format.ts'
import { Incoming } from './incoming.ts'
import { extendParquet, writeParquet } from './parquet-write.ts'
import { type Stamp, stampOf } from './stamp.ts'
import { findTarget, type Target, writtenDataset } from './target.ts'
import { extendedColumns, extendedFile, wholeFile } from './text-write.ts'
import type { Workspace } from './workspace.ts'

export interface SessionParts {
  readonly catalog: Catalog
  readonly workspace: Workspace
  readonly logger: Logger
  /** What snapshots saw last, by path. */
  readonly seen: Map<string, Stamp>
}

/** A new version of a file that waits for the commit. */
interface Pending {
  readonly target: Target
  readonly beside: Beside
  /** The target as it must still be at the commit. */
  readonly expected: Stamp
  readonly columns: readonly Column[]
}

/** Collects new versions of files, each beside the one it replaces, and puts them in place when it commits. */
export class FileSession implements WriteSession {
  readonly #parts: SessionParts
  readonly #pending = new Map<string, Pending>()
  /** Made, but not complete or in place. */
  readonly #open = new Set<Beside>()

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** Nothing is written before the rows are: a file has no columns without a header, and no header without a file. */
  async ensureTable({ ref, columns }: Table): Promise<readonly string[]> {
    const target = await this.#target(ref)
    const former = target.former?.source.columns
    if (!former && isBook(target.format) && (await stampOf(target.located.path)) !== 'absent') return [`add a sheet to ${ref.name}`]
    if (!former) return [`create file ${ref.name}`]
    if (former.length === 0) return []
    const missing = columns.filter(({ name }) => !former.some((column) => column.name === name))
    return missing.map(({ name }) => `add column ${name} to ${ref.name}`)
  }

  async append(table: Table, rows: Rows): Promise<number> {
    const target = await this.#target(table.ref)
    const former = target.former
    if (!former || former.source.columns.length === 0) return await this.#write(target, rows)
    if (isBook(target.format)) return await this.#writeBook(target, rows, 'extending')
    return target.format === 'parquet' ? await this.#extendParquet(target, former, rows) : await this.#extendText(target, rows)
  }

  async replace(table: Table, rows: Rows): Promise<Replaced> {
    const target = await this.#target(table.ref)
    // Side by side: counting a large file takes a while, and it stays where it is until the commit.
    const parts = [this.#write(target, rows), target.former?.source.count() ?? 0] as const
    await Promise.allSettled(parts)
    const [written, former] = await Promise.all(parts)
    return { rows: written, former }
  }

  async snapshot(): Promise<Snapshot> {
    return new FileSnapshot(async (ref) => await this.#openPending(ref))
  }

  async proof(): Promise<CommitProof> {
    const fields: Record<string, string | number> = {}
    for (const [index, { target, beside, expected }] of [...this.#pending.values()].entries()) {
      fields[`path${index}`] = target.located.path
      fields[`digest${index}`] = beside.digest
      fields[`former${index}`] = expected
    }
    return { ...fields, kind: 'files', files: this.#pending.size }
  }

  /** @throws RunError (code `TARGET_MOVED`) where others changed a target after it was read; it then stays as they left it. */
  async commit(): Promise<void> {
    for (const { target, expected } of this.#pending.values()) {
      await checkUnmoved(target, expected)
      if (isBook(target.format)) await refuseOpenElsewhere(target.located)
    }
    for (const [named, { target, beside, expected }] of this.#pending) {
      await checkUnmoved(target, expected)
      await beside.place(expected !== 'absent')
      this.#open.delete(beside)
      this.#pending.delete(named)
      this.#parts.seen.delete(named)
      this.#parts.catalog.forget()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pending.clear()
    for (const beside of this.#open) await beside.discard()
    this.#open.clear()
  }

  /** The target as this session sees it: what it wrote already counts as its former content. */
  async #target(ref: TableRef): Promise<Target> {
    const target = await findTarget(this.#parts.catalog, ref)
    const pending = this.#pending.get(target.named)
    if (!pending) return target
    return { ...target, ...pick(pending.target), former: await this.#openPending(ref) }
  }

  async #openPending(ref: TableRef): Promise<Opened | undefined> {
    const { catalog } = this.#parts
    const { named, options } = await findTarget(catalog, ref)
    const pending = this.#pending.get(named)
    if (!pending) return await catalog.open(ref)
    const { path } = pending.beside
    const names = pending.columns.map((column) => column.name)
    // Of a book any sheet may be asked for, whichever was written last.
    const target = isBook(pending.target.format) ? { ...pending.target, ref, options } : pending.target
    return await catalog.findIn(writtenDataset(target, path, names), `${path}#${options.sheet ?? ''}`)
  }

  async #write(target: Target, rows: Rows): Promise<number> {
    if (rows.columns.length === 0) throw noColumns(target)
    if (isBook(target.format)) return await this.#writeBook(target, rows, 'replacing')
    return await this.#beside(target, rows.columns, async (beside) => {
      if (target.format === 'parquet') {
        const count = await writeParquet(beside.path, rows, this.#parts.workspace)
        await beside.complete()
        return count
      }
      const incoming = new Incoming(rows, this.#parts.workspace)
      await beside.write(wholeFile(target, incoming))
      return incoming.count
    })
  }

  /** Writes one sheet into a new version of its book, or into a new book. */
  async #writeBook(target: Target, rows: Rows, change: 'replacing' | 'extending'): Promise<number> {
    const { workspace, logger } = this.#parts
    await refuseOpenElsewhere(target.located)
    if (change === 'replacing') (await import('./excel/write/refuse-loss.ts')).refuseLoss(target)
    const { writeBook } = await import('./excel/write/write-book.ts')
    const before = this.#pending.get(target.named)?.beside.path
    const former = before ?? ((await stampOf(target.located.path)) === 'absent' ? undefined : target.located.path)
    const incoming = new Incoming(rows, workspace)
    const columns = change === 'extending' ? extendedColumns(target, rows.columns) : rows.columns
    return await this.#beside(target, columns, async (beside) => {
      await beside.write(writeBook(target, former, incoming, { change, signal: workspace.signal, logger }))
      return incoming.count
    })
  }

  async #extendText(target: Target, rows: Rows): Promise<number> {
    const { workspace } = this.#parts
    const incoming = new Incoming(rows, workspace)
    return await this.#beside(target, extendedColumns(target, rows.columns), async (beside) => {
      await beside.write(extendedFile(target, incoming, workspace.signal))
      return incoming.count
    })
  }

  async #extendParquet(target: Target, former: Opened, rows: Rows): Promise<number> {
    const { workspace } = this.#parts
    const added = workspace.temporaryFile('parquet')
    const [file] = former.dataset.files
    if (!file) throw noColumns(target)
    try {
      const count = await writeParquet(added, rows, workspace)
      return await this.#beside(target, extendedColumns(target, rows.columns), async (beside) => {
        await extendParquet(beside.path, file, { path: added, name: 'the rows to be written' }, workspace)
        await beside.complete()
        return count
      })
    } finally {
      await workspace.remove(added)
    }
  }

  /** Writes a new version beside the target; it takes the place of one that this session wrote before. */
  async #beside(target: Target, columns: readonly Column[], write: (beside: Beside) => Promise<number>): Promise<number> {
    const { seen, logger, workspace } = this.#parts
    workspace.signal.throwIfAborted()
    const before = this.#pending.get(target.named)
    const expected = before?.expected ?? seen.get(target.named) ?? (await stampOf(target.located.path))
    await checkUnmoved(target, expected)
    const beside = await Beside.prepare(target.located, logger)
    this.#open.add(beside)
    const count = await withFile(target.ref.name, () => write(beside))
    workspace.signal.throwIfAborted()
    this.#pending.set(target.named, { target, beside, expected, columns })
    if (before) {
      this.#open.delete(before.beside)
      await before.beside.discard()
    }
    return count
  }
}

async function checkUnmoved({ located }: Target, expected: Stamp): Promise<void> {
  if ((await stampOf(located.path)) !== expected) throw targetMoved(located.name)
}

/** What a session decided about a file when it first wrote it. */
function pick({ encoding, mark, dialect, header }: Target): Pick<Target, 'encoding' | 'mark' | 'dialect' | 'header'> {
  return { encoding, mark, dialect, header }
}

function noColumns(target: Target): RunError {
  return new RunError({ code: 'NO_COLUMNS', message: `${target.ref.name} cannot be written: the rows have no columns` })
}
