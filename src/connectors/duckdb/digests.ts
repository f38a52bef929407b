import { canonicalForm, hashColumn } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { rowHash } from '../sql/digest.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import { textCell } from './cells.ts'
import { type Selection, selectionOf } from './request.ts'
import { rowsOfQuery } from './rows.ts'
import type { Work } from './work.ts'

/** Row hashes that DuckDB computes. */
export class DuckdbDigests implements Digests {
  readonly #work: Work
  readonly #directory: string

  constructor(work: Work, directory: string) {
    this.#work = work
    this.#directory = directory
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    const { columns } = await selectionOf(this.#work, request)
    return [canonicalForm(columns)]
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds | undefined> {
    const { from } = await selectionOf(this.#work, request)
    const cell = identifier(column)
    const [[least, greatest] = []] = await this.#work.texts(`SELECT min(${cell})::VARCHAR, max(${cell})::VARCHAR FROM ${from}`)
    if (least == null || greatest == null) return undefined
    return { least: BigInt(least), greatest: BigInt(greatest) }
  }

  async buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]> {
    const selection = await selectionOf(this.#work, request)
    const hashed = `SELECT ${bucketExpression(selection.all, cut)} AS bucket, ${hashOf(selection)} AS hash FROM ${selection.from}`
    const rows = await this.#work.texts(`SELECT bucket::VARCHAR, count(*)::VARCHAR, sum(hash)::VARCHAR FROM (${hashed}) GROUP BY bucket`)
    return rows.map(([number, count, sum]) => ({ number: Number(number), rows: Number(count), digest: sum ?? '0' }))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const selection = await selectionOf(this.#work, request)
    const keys = key.map((name) => columnNamed(selection.all, name))
    const cells = [...keys.map(textCell), `${hashOf(selection)}::VARCHAR`]
    const columns: readonly Column[] = [...keys, hashColumn]
    return rowsOfQuery(this.#work, this.#directory, { columns, cells, from: selection.from })
  }
}

function hashOf({ columns }: Selection): string {
  return rowHash(columns.map(digestCell), digestDialect)
}
