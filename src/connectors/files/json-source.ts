import type { Relation, Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'
import { checkNames, checkTyped } from './columns.ts'
import { rawBytes, utf8Bytes } from './content.ts'
import { compressionOf, type Dataset } from './dataset.ts'
import { emptyRows } from './empty.ts'
import { sniffEncodingOf } from './encoding.ts'
import { JsonScan } from './json-scan.ts'
import { type JsonColumn, JsonTable } from './json-table.ts'
import type { Located } from './locate.ts'
import { profileFiles, selectCsv } from './read-csv.ts'
import { isWhole, type Source, type Wanted } from './source.ts'
import { sizeOf } from './stamp.ts'
import type { Workspace } from './workspace.ts'
import { writeChunks } from './write-chunks.ts'

/**
 * Opens JSON files: reads them once (twice where a name first comes up after the first row) and keeps their rows as CSV in
 * a temporary file, because the names of the columns are only known at the end, and so that numbers keep every digit:
 * DuckDB's own reader takes them through floating point.
 * @throws RunError where they are no JSON, or no rows.
 */
export async function openJson(dataset: Dataset, workspace: Workspace): Promise<Source> {
  const typed = Object.entries(dataset.options.columns)
  const json = new Set(typed.filter(([, type]) => type.kind === 'json').map(([name]) => name))
  let plan: readonly JsonColumn[] | undefined = []
  for (;;) {
    const path = workspace.temporaryFile('csv')
    const table: JsonTable = new JsonTable(dataset.name, plan, json)
    await writeChunks(path, converted(dataset, table, workspace.signal))
    plan = table.revised()
    if (!plan) return new JsonSource(dataset, table, path, workspace.signal)
    await workspace.remove(path)
  }
}

class JsonSource implements Source {
  readonly columns: readonly Column[]
  readonly #facts: JsonTable['facts']
  readonly #told: Dataset['options']['columns']
  readonly #file: Located
  readonly #signal: AbortSignal

  constructor(dataset: Dataset, table: JsonTable, path: string, signal: AbortSignal) {
    checkTyped(dataset.name, checkNames(dataset.name, table.names), dataset.options)
    this.columns = table.columns(dataset.options)
    this.#facts = table.facts
    this.#told = dataset.options.columns
    this.#file = { path, name: dataset.name }
    this.#signal = signal
  }

  get estimate(): number {
    return this.#facts.rows
  }

  async count(): Promise<number> {
    return this.#facts.rows
  }

  rows(wanted: Wanted): Rows {
    if (this.columns.length === 0) return emptyRows(wanted.columns)
    const bytes = this.columns.length > 1 && isWhole(this.columns, wanted)
    return {
      columns: wanted.columns.map((column) => (this.#isTold(column) ? { ...column, type: { kind: 'text' }, untyped: true } : column)),
      ...(bytes ? { csv: () => [rawBytes(this.#file, this.#signal)] } : {}),
      relation: () => this.#relation(wanted),
    }
  }

  /** A type that the cells have not been seen to have. */
  #isTold({ name, type }: Column): boolean {
    return type.kind !== 'json' && Object.hasOwn(this.#told, name)
  }

  async #relation({ columns, limit }: Wanted): Promise<Relation> {
    const files = [profileFiles([this.#file.path], this.#facts)]
    const all = selectCsv(
      files,
      this.columns.map((c) => c.name),
      columns.map((c) => c.name),
    )
    const sql = limit === undefined ? all : `(SELECT ${columns.map((c) => identifier(c.name)).join(', ')} FROM ${all} LIMIT ${limit})`
    return { sql, cells: 'text', bytes: await sizeOf([this.#file.path]), release: async () => {} }
  }
}

async function* converted(dataset: Dataset, table: JsonTable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (const file of dataset.files) {
    const scan = new JsonScan(file.name, dataset.format === 'ndjson' ? 'ndjson' : 'json', table)
    let left: Uint8Array = new Uint8Array(0)
    let waiting: Uint8Array[] = []
    let waitingSize = 0
    for await (const chunk of await text(file, dataset, signal)) {
      waiting.push(chunk)
      waitingSize += chunk.length
      // A row longer than a chunk is looked at again only when as much again has come, so that its cost stays linear.
      if (waitingSize < left.length) continue
      const bytes = Buffer.concat([left, ...waiting])
      waiting = []
      waitingSize = 0
      left = bytes.subarray(scan.walk(bytes))
      yield* table.take()
    }
    const bytes = Buffer.concat([left, ...waiting])
    scan.finish(bytes.subarray(scan.walk(bytes)))
    yield* table.take()
  }
  yield* table.take(true)
}

async function text(file: Located, { options }: Dataset, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  const compression = compressionOf(file, options)
  return utf8Bytes(file, { compression, encoding: await sniffEncodingOf(file, compression, options, signal) }, signal)
}
