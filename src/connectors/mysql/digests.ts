import { canonicalForm, hashColumn } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { rowHash } from '../sql/digest.ts'
import { bucketExpression, cutColumns, digestCell, digestDialect } from './buckets.ts'
import { readForm, targetCell } from './cells.ts'
import type { Relation } from './relation.ts'
import type { CellForm } from './row-encoder.ts'
import { requestedColumns } from './select.ts'

/** What hashing needs of the snapshot that it belongs to. */
export interface DigestSource {
  relation(request: ReadRequest): Promise<Relation>
  /** A SELECT of these expressions over the rows of a request. */
  select(relation: Relation, request: ReadRequest, expressions: readonly string[]): string
  rows(sql: string): Promise<readonly (readonly (string | null)[])[]>
  csv(sql: string, forms: readonly CellForm[]): AsyncIterable<Uint8Array>
}

/** Row hashes that the server computes. */
export class MysqlDigests implements Digests {
  readonly #source: DigestSource

  constructor(source: DigestSource) {
    this.#source = source
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    const columns = requestedColumns(await this.#source.relation(request), request.columns)
    return [canonicalForm(columns.map(({ column }) => column))]
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds | undefined> {
    const relation = await this.#source.relation(request)
    const cells = requestedColumns(relation, [column]).map(targetCell)
    const keys = this.#source.select(relation, request, [`${cells[0]} AS k`])
    const [[least, greatest] = []] = await this.#source.rows(`SELECT min(k), max(k) FROM (${keys}) AS found`)
    if (least == null || greatest == null) return undefined
    return { least: BigInt(least), greatest: BigInt(greatest) }
  }

  async buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]> {
    const relation = await this.#source.relation(request)
    const bucket = bucketExpression(requestedColumns(relation, cutColumns(cut)), cut)
    const hashed = this.#source.select(relation, request, [`${bucket} AS bucket`, `${this.#hash(relation, request)} AS hash`])
    const rows = await this.#source.rows(`SELECT bucket, count(*), sum(hash) FROM (${hashed}) AS hashed GROUP BY bucket`)
    return rows.map(([number, count, sum]) => ({ number: Number(number), rows: Number(count), digest: sum ?? '0' }))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const relation = await this.#source.relation(request)
    const keys = requestedColumns(relation, key)
    const read = keys.map((column) => readForm(column))
    const cells = keys.map((column, index) => read[index]?.expression(targetCell(column)) ?? '')
    const sql = this.#source.select(relation, request, [...cells, this.#hash(relation, request)])
    const columns = [...keys.map(({ column }) => column), hashColumn]
    return { columns, csv: () => [this.#source.csv(sql, [...read.map(({ form }) => form), 'plain'])] }
  }

  #hash(relation: Relation, { columns }: DigestRequest): string {
    return rowHash(requestedColumns(relation, columns).map(digestCell), digestDialect)
  }
}
