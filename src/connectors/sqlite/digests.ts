import { canonicalForm, hashColumn } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { rowHash } from '../sql/digest.ts'
import { quoteName } from '../sql/quote.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import { select } from './connection.ts'
import { type Selection, selectionOf } from './request.ts'
import { honestColumns, type RowsSource, rowsOfQuery } from './rows.ts'

/** Row hashes that SQLite computes with functions of this process. */
export class SqliteDigests implements Digests {
  readonly #source: RowsSource
  readonly #honest = new Map<string, readonly Column[]>()

  constructor(source: RowsSource) {
    this.#source = source
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    return [canonicalForm(this.#selection(request).columns)]
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds | undefined> {
    const { from, bound } = selectionOf(this.#source.database, request)
    const cell = quoteName(column)
    const sql = `SELECT min(${cell}), max(${cell}) FROM ${from}`
    const [[least, greatest] = []] = select(this.#source.database, sql, ...bound)
    if (least == null || greatest == null) return undefined
    return { least: BigInt(least as bigint), greatest: BigInt(greatest as bigint) }
  }

  async buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]> {
    const { all, columns, from, bound } = this.#selection(request)
    const bucket = bucketExpression(all, cut)
    const sql = `SELECT ${bucket} AS bucket, count(*), syncline_sum(${rowHash(columns.map(digestCell), digestDialect)}) FROM (SELECT * FROM ${from}) GROUP BY bucket`
    const rows = select(this.#source.database, sql, ...bound)
    return rows.map(([number, count, sum]) => ({ number: Number(number), rows: Number(count), digest: String(sum) }))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const selection = this.#selection(request)
    const keys = key.map((name) => columnNamed(selection.all, name))
    const hash = rowHash(selection.columns.map(digestCell), digestDialect)
    return rowsOfQuery(this.#source, { ...selection, columns: keys }, { column: hashColumn, sql: hash })
  }

  /** Cells that are not what their column says are hashed as the text that they are read as. */
  #selection(request: ReadRequest): Selection {
    const selection = selectionOf(this.#source.database, request)
    const asked = JSON.stringify([request.source, request.columns, request.where, request.cursor])
    const columns = this.#honest.get(asked) ?? honestColumns(this.#source.database, selection)
    this.#honest.set(asked, columns)
    return { ...selection, columns }
  }
}
