import { canonicalForm } from '../../core/digest.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Bounds, Bucket, Cut, DigestRequest, Digests, ReadRequest } from '../connector.ts'
import { rowHash } from '../sql/digest.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import type { Relation } from './relation.ts'
import { requestedColumns } from './requested-columns.ts'
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

/** Row hashes computed by the server: of whole rows as composite values between servers alike, else of canonical texts. */
export class PostgresDigests implements Digests {
  readonly #source: DigestSource

  constructor(source: DigestSource) {
    this.#source = source
  }

  async forms(request: ReadRequest): Promise<readonly string[]> {
    const columns = requestedColumns(await this.#source.relation(request), request.columns)
    return await this.#source.using(async ({ server }) => {
      const own = ownForm(server)
      return server.encoding === 'UTF8' ? [own, canonicalForm(columns.map(({ column }) => column))] : [own]
    })
  }

  async bounds(request: ReadRequest, column: string): Promise<Bounds> {
    const relation = await this.#source.relation(request)
    const cell = `t.${identifier(column)}`
    const rows = `SELECT count(*)::text AS rows, min(k)::text AS least, max(k)::text AS greatest FROM (${selectSql(relation, request, [`${cell} AS k`])}) AS keys`
    const [row] = await this.#source.using(async (session) => await session.rows<BoundsRow>(rows))
    if (row?.least == null || row.greatest == null) return { rows: 0 }
    return { rows: Number(row.rows), least: BigInt(row.least), greatest: BigInt(row.greatest) }
  }

  async buckets(request: DigestRequest, cut: Cut, sample?: number): Promise<readonly Bucket[]> {
    const relation = await this.#source.relation(request)
    const bucket = bucketExpression(relation, cut)
    const hashed = selectSql(
      relation,
      request,
      [`${bucket} AS bucket`, `${hashExpression(relation, request)} AS hash`],
      sample === undefined ? [] : [`${bucket} % ${sample} = 0`],
    )
    const sql = `SELECT bucket::int AS number, count(*)::float8 AS rows, sum(hash)::text AS sum FROM (${hashed}) AS hashed GROUP BY bucket`
    return await this.#source.using(async (session) => await session.rows<Bucket>(sql))
  }

  async hashes(request: DigestRequest, key: readonly string[]): Promise<Rows> {
    const relation = await this.#source.relation(request)
    const keys = requestedColumns(relation, key)
    const select = selectSql(relation, request, [...textExpressions(keys), `${hashExpression(relation, request)} AS hash`])
    return this.#source.rows(select, [...keys.map(({ column }) => column), { name: 'hash', type: { kind: 'text' }, nullable: false }])
  }
}

interface BoundsRow {
  readonly rows: string
  readonly least: string | null
  readonly greatest: string | null
}

function ownForm({ major, encoding }: Session['server']): string {
  return `postgres:${major}:${encoding}:row`
}

/** Rows are written as composite values are, so that neither NULL and '' nor `1|11` and `11|1` look alike. */
function hashExpression(relation: Relation, { columns: names, form }: DigestRequest): string {
  const columns = requestedColumns(relation, names)
  if (!form.startsWith('md5:')) return `pg_catalog.hashtextextended(ROW(${textExpressions(columns).join(', ')})::text COLLATE "C", 0)`
  return rowHash(columns.map(digestCell), digestDialect)
}
