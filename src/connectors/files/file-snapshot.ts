import { ConfigError, RunError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, TableRef } from '../../core/table.ts'
import type { Pushdown, ReadRequest, Snapshot } from '../connector.ts'
import type { Opened } from './catalog.ts'
import { sourceChanged } from './file-errors.ts'
import { type Stamp, stampOf } from './stamp.ts'

/** Opens an object, or gives `undefined` where there is none. */
export type OpenTable = (ref: TableRef) => Promise<Opened | undefined>

/**
 * Reads files as they were when they were first read through it: a file that changes meanwhile fails the read that meets
 * the change, because files have no older versions.
 */
export class FileSnapshot implements Snapshot {
  readonly pushdown: ReadonlySet<Pushdown> = new Set(['columns', 'limit'])
  readonly #open: OpenTable
  readonly #tables = new Map<string, Promise<Opened>>()
  readonly #stamps = new Map<string, { readonly name: string; readonly stamp: Stamp }>()

  constructor(open: OpenTable) {
    this.#open = open
  }

  async read(request: ReadRequest): Promise<Rows> {
    refuseUnlisted(request)
    const { source } = await this.#table(request)
    const columns = wantedColumns(request, source.columns)
    const rows = source.rows({ columns, ...(request.limit === undefined ? {} : { limit: request.limit }) })
    return this.#watched(rows)
  }

  async count(request: ReadRequest): Promise<number> {
    refuseUnlisted(request)
    const { source } = await this.#table(request)
    const rows = await source.count()
    await this.unchanged()
    return request.limit === undefined ? rows : Math.min(rows, request.limit)
  }

  /** @throws RunError (code `SOURCE_CHANGED`) where a file that was read through this snapshot is no longer the same. */
  async unchanged(): Promise<void> {
    for (const [path, { name, stamp }] of this.#stamps) if ((await stampOf(path)) !== stamp) throw sourceChanged(name)
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #table(request: ReadRequest): Promise<Opened> {
    if (!('table' in request.source))
      throw new ConfigError({ code: 'NO_QUERIES', message: 'files cannot be queried', hint: 'name the file as `object`' })
    const { table } = request.source
    const key = JSON.stringify([table.name, table.options ?? {}])
    let opened = this.#tables.get(key)
    if (!opened) {
      opened = this.#openFirst(table)
      this.#tables.set(key, opened)
      opened.catch(() => this.#tables.delete(key))
    }
    const known = await opened
    await this.unchanged()
    return known
  }

  async #openFirst(ref: TableRef): Promise<Opened> {
    const opened = await this.#open(ref)
    if (!opened) throw fileMissing(ref.name)
    for (const { path, name } of opened.dataset.files) {
      const stamp = opened.stamps.get(path) ?? 'absent'
      if (!this.#stamps.has(path)) this.#stamps.set(path, { name, stamp })
    }
    return opened
  }

  /** Every form checks at its end that the files are still the ones it began with. */
  #watched(rows: Rows): Rows {
    const unchanged = () => this.unchanged()
    const { csv, relation } = rows
    return {
      columns: rows.columns,
      ...(csv ? { csv: (parts) => csv(parts).map((stream) => thenChecked(stream, unchanged)) } : {}),
      ...(relation ? { relation: () => checkedRelation(relation, unchanged) } : {}),
    }
  }
}

async function* thenChecked(stream: AsyncIterable<Uint8Array>, unchanged: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield* stream
  await unchanged()
}

async function checkedRelation(open: NonNullable<Rows['relation']>, unchanged: () => Promise<void>) {
  const relation = await open()
  let released = false
  await unchanged()
  return {
    ...relation,
    release: async () => {
      await relation.release()
      if (released) return
      released = true
      await unchanged()
    },
  }
}

/** What `pushdown` does not list is for the stage to do. */
function refuseUnlisted(request: ReadRequest): void {
  const unlisted = (['where', 'cursor', 'keys'] as const).find((part) => request[part] !== undefined)
  if (unlisted === undefined) return
  throw new RunError({ code: 'NOT_SUPPORTED', message: `files are read as a whole: \`${unlisted}\` has to be applied after reading` })
}

function wantedColumns({ columns }: ReadRequest, all: readonly Column[]): readonly Column[] {
  if (!columns) return all
  return columns.map((name) => {
    const column = all.find((c) => c.name === name)
    if (column) return column
    // A file without rows may name no columns at all; then every column is there and empty.
    if (all.length === 0) return { name, type: { kind: 'text' }, nullable: true, untyped: true }
    const near = nearest(
      name,
      all.map((c) => c.name),
    )
    throw new ConfigError({
      code: 'UNKNOWN_COLUMN',
      message: `there is no column \`${name}\``,
      ...(near ? { hint: `did you mean \`${near}\`?` } : {}),
    })
  })
}

function fileMissing(name: string): RunError {
  return new RunError({
    code: 'FILE_NOT_FOUND',
    message: `${name} does not exist`,
    hint: 'check the name; `syncline discover` lists the files of a folder',
  })
}
