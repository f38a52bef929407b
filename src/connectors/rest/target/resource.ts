import type { Rows } from '../../../core/rows.ts'
import type { Column, TableRef } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import type { Endpoint, ReadRequest, Snapshot } from '../../connector.ts'
import { csvRows } from './csv-rows.ts'

/** A resource that is read back, by the same reader as a source. */
export class Resource implements AsyncDisposable {
  readonly #source: Endpoint
  readonly #ref: TableRef
  /** What `describe` read, for the snapshot that follows it: both sides are compared once. */
  #described: View | undefined

  constructor(source: Endpoint, ref: TableRef) {
    this.#source = source
    // What is there now counts, never what a run that failed had read of it.
    this.#ref = { ...ref, options: { resume: 'off', ...ref.options } }
  }

  /** Reads all of it: what columns there are is known only then. */
  async columns(): Promise<readonly Column[]> {
    this.#described ??= await this.#view()
    return this.#described.rows.columns
  }

  /** The rows as they were when the columns were asked for, the first time, or as they are now. */
  async snapshot(fresh: boolean): Promise<Snapshot> {
    if (fresh) await this[Symbol.asyncDispose]()
    const view = this.#described ?? (await this.#view())
    this.#described = undefined
    return new ResourceSnapshot(view)
  }

  /** Every row as it is now, texts and documents by column name. */
  async *rows(): AsyncGenerator<Readonly<Record<string, Value>>> {
    await using view = await this.#view()
    const { columns } = view.rows
    for await (const cells of cellsOf(view.rows)) yield Object.fromEntries(columns.map(({ name }, index) => [name, cells[index] ?? null]))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#described?.[Symbol.asyncDispose]()
    this.#described = undefined
  }

  async #view(): Promise<View> {
    if (!this.#source.reader) throw new Error('a resource that cannot be read')
    const snapshot = await this.#source.reader.snapshot()
    try {
      const rows = await snapshot.read({ source: { table: this.#ref } })
      const dispose = async () => await snapshot[Symbol.asyncDispose]()
      return {
        rows: { ...rows, columns: rows.columns.map(loose) },
        count: async () => await snapshot.count({ source: { table: this.#ref } }),
        [Symbol.asyncDispose]: dispose,
      }
    } catch (thrown) {
      await snapshot[Symbol.asyncDispose]()
      throw thrown
    }
  }
}

interface View extends AsyncDisposable {
  readonly rows: Rows
  count(): Promise<number>
}

class ResourceSnapshot implements Snapshot {
  readonly pushdown = new Set<never>()
  readonly #view: View

  constructor(view: View) {
    this.#view = view
  }

  async read(_request: ReadRequest): Promise<Rows> {
    return this.#view.rows
  }

  async count(_request: ReadRequest): Promise<number> {
    return await this.#view.count()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#view[Symbol.asyncDispose]()
  }
}

/**
 * JSON has no types but its own: a cell is read as a value of the source's type, unless the config says what it is. Should
 * that be a document, nobody can tell its `null` from NULL.
 */
function loose({ name, type, untyped }: Column): Column {
  const read = { name, nullable: true, mergesNull: true }
  if (type.kind === 'json' || (untyped && type.kind !== 'text')) return { ...read, type }
  return { ...read, type: { kind: 'text' }, untyped: true }
}

async function* cellsOf(rows: Rows): AsyncGenerator<readonly Value[]> {
  if (rows.batches) {
    for await (const batch of rows.batches())
      for (let row = 0; row < batch.rows; row++) yield batch.cells.map((column) => column[row] ?? null)
  } else if (rows.csv) {
    for (const stream of rows.csv(1)) yield* csvRows(stream)
  } else throw new Error('rows of a resource that cannot be had as text')
}
