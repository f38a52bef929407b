import { canonicalForm, hashColumn, isCanonical } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { rowHash } from '../sql/digest.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import type { Relation } from './relation.ts'
import { requestedColumns } from './requested-columns.ts'
import { ownForms, ownRowHash } from './row-hash.ts'
import { selectSql, textExpressions } from './select.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'

/** What hashing needs of the snapshot that it belongs to. */
export interface DigestSource {
  relation(request: ReadRequest): Promise<Relation>
  using<T>(work: (session: Session) => Promise<T>): Promise<T>
  /** The rows of a query in the CSV profile. */
  rows(select: string, columns: readonly Column[]): Rows
}

/** Row hashes computed by the server: by its own functions between servers alike, else of canonical texts. */
export class PostgresDigests implements Digests {
  readonly #source: DigestSource

  constructor(source: DigestSource) {
    this.#source = source
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    const columns = requestedColumns(await this.#source.relation(request), request.columns)
    return await this.#source.using(async ({ server }) => {
      const own = ownForms(server, columns)
      return server.encoding === 'UTF8' ? [...own, canonicalForm(columns.map(({ column }) => column))] : own
    })
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds | undefined> {
    const relation = await this.#source.relation(request)
    const cell = `t.${identifier(column)}`
    const sql = selectSql(relation, request, [`min(${cell})::text AS least`, `max(${cell})::text AS greatest`])
    const [row] = await this.#source.using(async (session) => await session.rows<BoundsRow>(sql))
    return row?.least == null || row.greatest == null ? undefined : { least: BigInt(row.least), greatest: BigInt(row.greatest) }
  }

  /** Without OFFSET 0 the planner would take each key for a bucket of its own, and sort all rows. */
  async buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]> {
    const relation = await this.#source.relation(request)
    const hashed = selectSql(relation, request, [
      `${bucketExpression(relation, cut)} AS bucket`,
      `${hashExpression(relation, request)} AS hash`,
    ])
    const together = isCanonical(request.form) ? 'sum' : 'bit_xor'
    const sql = `SELECT bucket::int AS number, count(*)::float8 AS rows, ${together}(hash)::text AS digest FROM (${hashed} OFFSET 0) AS hashed GROUP BY bucket`
    return await this.#source.using(async (session) => await session.rows<Bucket>(sql))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const relation = await this.#source.relation(request)
    const keys = requestedColumns(relation, key)
    const select = selectSql(relation, request, [...textExpressions(keys), `${hashExpression(relation, request)} AS hash`])
    return this.#source.rows(select, [...keys.map(({ column }) => column), hashColumn])
  }
}

interface BoundsRow {
  readonly least: string | null
  readonly greatest: string | null
}

function hashExpression(relation: Relation, { columns: names, form }: DigestRequest): string {
  const columns = requestedColumns(relation, names)
  return isCanonical(form) ? rowHash(columns.map(digestCell), digestDialect) : ownRowHash(columns, form)
}
