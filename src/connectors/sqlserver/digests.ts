import { canonicalForm, hashColumn } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { rowHash } from '../sql/digest.ts'
import { batchesOf } from './batches.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import { type CellReading, cellReading } from './reading-cells.ts'
import type { Relation } from './relation.ts'
import type { Row } from './request.ts'
import type { Chunk } from './row-stream.ts'
import { requestedColumns } from './select.ts'
import { identifier } from './sql.ts'

/** What hashing needs of the snapshot that it belongs to. */
export interface DigestSource {
  relation(request: ReadRequest): Promise<Relation>
  /** A SELECT of these expressions over the rows of a request. */
  select(relation: Relation, request: ReadRequest, expressions: readonly string[]): Promise<string>
  rows(sql: string): Promise<readonly Row[]>
  stream(sql: string): AsyncIterable<Chunk>
}

/** Row hashes that the server computes. */
export class SqlServerDigests implements Digests {
  readonly #source: DigestSource
  readonly #utf8: string

  /** @param utf8 the collation by which the server makes UTF-8 of a text. */
  constructor(source: DigestSource, utf8: string) {
    this.#source = source
    this.#utf8 = utf8
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    const columns = requestedColumns(await this.#source.relation(request), request.columns)
    return [canonicalForm(columns.map(({ column }) => column))]
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds | undefined> {
    const relation = await this.#source.relation(request)
    const keys = await this.#source.select(relation, request, [`t.${identifier(column)} AS k`])
    const [found] = await this.#source.rows(boundsSql(keys))
    if (found?.least == null || found.greatest == null) return undefined
    return { least: BigInt(String(found.least)), greatest: BigInt(String(found.greatest)) }
  }

  async buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]> {
    const relation = await this.#source.relation(request)
    const expressions = [`${bucketExpression(relation, cut, this.#utf8)} AS bucket`, `${this.#hash(relation, request)} AS hash`]
    const rows = await this.#source.rows(bucketsSql(await this.#source.select(relation, request, expressions)))
    return rows.map(({ bucket, rows: count, sum }) => ({ number: Number(bucket), rows: Number(count), digest: String(sum) }))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const relation = await this.#source.relation(request)
    const keys = requestedColumns(relation, key)
    const readings = [...keys.map(({ type }) => cellReading(type)), hashReading]
    const cells = [...keys.map(({ column }) => `t.${identifier(column.name)}`), this.#hash(relation, request)]
    const expressions = cells.map((cell, index) => `${readings[index]?.expression(cell)} AS c${index}`)
    const sql = await this.#source.select(relation, request, expressions)
    return {
      columns: [...keys.map(({ column }) => column), hashColumn],
      batches: () => batchesOf(this.#source.stream(sql), readings, () => {}),
    }
  }

  #hash(relation: Relation, { columns }: DigestRequest): string {
    return rowHash(requestedColumns(relation, columns).map(digestCell), digestDialect(this.#utf8))
  }
}

const hashReading: CellReading = { expression: (cell) => `CONVERT(varchar(20), ${cell})`, value: (cell) => BigInt(String(cell)) }

export function boundsSql(keys: string): string {
  return `SELECT CONVERT(varchar(20), MIN(k)) AS least, CONVERT(varchar(20), MAX(k)) AS greatest FROM (${keys}) AS found`
}

export function bucketsSql(hashed: string): string {
  return `SELECT bucket, COUNT_BIG(*) AS rows, CONVERT(varchar(41), SUM(CONVERT(decimal(38,0), hash))) AS sum FROM (${hashed}) AS hashed GROUP BY bucket`
}
