import path from 'node:path'
import { RunError } from '../../core/errors.ts'
import type { Logger } from '../../core/logger.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table, TableRef } from '../../core/table.ts'
import type { CommitProof, KeepContent, KeptContent, PutBack, Replaced, Snapshot, WriteSession } from '../connector.ts'
import { Beside, Removal } from './beside.ts'
import type { Catalog, Opened } from './catalog.ts'
import { rawBytes } from './content.ts'
import { refuseOpenElsewhere } from './excel/write/open-elsewhere.ts'
import { targetMoved, withFile } from './file-errors.ts'
import { FileSnapshot } from './file-snapshot.ts'
import { formatOf, isBook } from './format.ts'
import { Incoming } from './incoming.ts'
import { close, contentOf, keepFile, markOf } from './kept-content.ts'
import { locateTarget } from './locate.ts'
import { parseFileOptions } from './options.ts'
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

/** What is to take the place of a file, and waits for the commit. */
interface Waiting {
  readonly target: Pick<Target, 'located' | 'format'>
  readonly beside: Beside | Removal
  /** The target as it must still be at the commit. */
  readonly expected: Stamp
}

/** A new version of a file. */
interface Pending extends Waiting {
  readonly target: Target
  readonly beside: Beside
  readonly columns: readonly Column[]
}

/** Collects new versions of files, each beside the one it replaces, and puts them in place when it commits. */
export class FileSession implements WriteSession {
  readonly #parts: SessionParts
  readonly #pending = new Map<string, Pending>()
  /** Files that are to be again as they were, by path. */
  readonly #back = new Map<string, Waiting>()
  /** Files that hold what was there before. */
  readonly #kept: string[] = []
  /** Made, but not complete or in place. */
  readonly #open = new Set<Beside | Removal>()

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

  async keepContent({ name }: TableRef, keep: KeepContent): Promise<KeptContent | { readonly none: string } | undefined> {
    const waiting = this.#waiting(name)
    if (!waiting) return undefined
    const { target, beside, expected } = waiting
    const left = beside.digest
    if (expected === 'absent') return { former: expected, left, bytes: 0 }
    const kept = await withFile(target.located.name, async () => await keepFile(target.located, expected, keep))
    if ('none' in kept) return kept
    this.#kept.push(keep.path)
    return { ...kept, left }
  }

  async putBack(ref: TableRef, kept: KeptContent, from: string): Promise<PutBack> {
    const { catalog, logger } = this.#parts
    if ((await markOf(from)) !== kept.former) return 'lost'
    const format = formatOf(ref.name, parseFileOptions(ref.name, ref.options).format)
    const target = { located: await locateTarget(catalog.folder, ref.name), format }
    const [now, former] = await Promise.all([contentOf(target.located.path), contentOf(from)])
    if (now.digest === former.digest) return 'there'
    if (now.digest !== kept.left) return 'moved'
    const beside = former.digest === 'absent' ? new Removal(target.located) : await Beside.prepare(target.located, logger)
    this.#open.add(beside)
    if (beside instanceof Beside) await this.#copy(beside, from, kept)
    if (beside.digest !== former.digest) return 'lost'
    this.#back.set(path.resolve(catalog.folder, ref.name), { target, beside, expected: now.stamp })
    return 'waits'
  }

  async proof(): Promise<CommitProof> {
    const fields: Record<string, string | number> = {}
    const waiting = this.#all()
    for (const [index, { target, beside, expected }] of waiting.map(([, one]) => one).entries()) {
      fields[`path${index}`] = target.located.path
      fields[`digest${index}`] = beside.digest
      fields[`former${index}`] = expected
    }
    return { ...fields, kind: 'files', files: waiting.length }
  }

  /** @throws RunError (code `TARGET_MOVED`) where others changed a target after it was read; it then stays as they left it. */
  async commit(): Promise<void> {
    const waiting = this.#all()
    for (const [, { target, expected }] of waiting) {
      await checkUnmoved(target, expected)
      if (isBook(target.format)) await refuseOpenElsewhere(target.located)
    }
    for (const [named, { target, beside, expected }] of waiting) {
      await checkUnmoved(target, expected)
      await beside.place(expected !== 'absent')
      this.#open.delete(beside)
      this.#pending.delete(named)
      this.#back.delete(named)
      this.#parts.seen.delete(named)
      this.#parts.catalog.forget()
    }
    for (const kept of this.#kept) await close(kept)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#pending.clear()
    this.#back.clear()
    for (const beside of this.#open) await beside.discard()
    this.#open.clear()
  }

  #waiting(name: string): Waiting | undefined {
    const named = path.resolve(this.#parts.catalog.folder, name)
    return this.#pending.get(named) ?? this.#back.get(named)
  }

  #all(): readonly (readonly [string, Waiting])[] {
    return [...this.#pending, ...this.#back]
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

  async #copy(beside: Beside, from: string, { mode }: KeptContent): Promise<void> {
    await beside.write(rawBytes({ path: from, name: 'what was kept of it' }, this.#parts.workspace.signal))
    if (mode !== undefined) await beside.open(mode)
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

async function checkUnmoved({ located }: Pick<Target, 'located'>, expected: Stamp): Promise<void> {
  if ((await stampOf(located.path)) !== expected) throw targetMoved(located.name)
}

/** What a session decided about a file when it first wrote it. */
function pick({ encoding, mark, dialect, header }: Target): Pick<Target, 'encoding' | 'mark' | 'dialect' | 'header'> {
  return { encoding, mark, dialect, header }
}

function noColumns(target: Target): RunError {
  return new RunError({ code: 'NO_COLUMNS', message: `${target.ref.name} cannot be written: the rows have no columns` })
}
