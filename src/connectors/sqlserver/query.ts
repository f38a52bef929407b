import { ConfigError } from '../../core/errors.ts'
import { type Relation, relationColumn } from './relation.ts'
import type { Session } from './session.ts'

/** Without the semicolon that people end a query with. */
export function bareQuery(query: string): string {
  return query.replace(/[\s;]+$/, '')
}

/**
 * The result of a query, compiled but not run.
 * @throws ConfigError where two of its columns share a name or one has none.
 */
export async function queryRelation(session: Session, query: string): Promise<Relation> {
  const asked = `SELECT * FROM (\n${bareQuery(query)}\n) AS q`
  const rows = await session.rows<FieldRow>('EXEC sp_describe_first_result_set @tsql = @p0', [asked])
  const shown = rows.filter(({ is_hidden }) => !is_hidden)
  const bad = shown.find(({ name }, index) => !name || shown.findIndex((other) => other.name === name) !== index)
  if (bad) {
    throw new ConfigError({
      code: 'BAD_QUERY',
      message: `the query gives ${bad.name ? `two columns named \`${bad.name}\`` : 'a column without a name'}`,
      hint: 'name every column: select …, a.id as order_id',
    })
  }
  const columns = shown.map((row) => {
    const { column, type } = relationColumn({
      name: row.name ?? '',
      type: row.system_type_name.replace(/\(.*$/, ''),
      bytes: row.max_length,
      precision: row.precision,
      scale: row.scale,
      collation: row.collation_name,
      assembly: row.assembly_qualified_type_name !== null,
      nullable: row.is_nullable,
    })
    // What a query gives is computed by nobody but the query.
    const { generated: _, defaulted: __, ...plain } = column
    return { column: plain, type }
  })
  return { id: 0, name: { schema: '', name: '' }, kind: 'query', columns, key: [], uniques: [] }
}

/** As `sp_describe_first_result_set` names them. */
interface FieldRow {
  readonly [column: string]: unknown
  readonly name: string | null
  /** With its arguments. */
  readonly system_type_name: string
  readonly max_length: number
  readonly precision: number
  readonly scale: number
  readonly collation_name: string | null
  readonly assembly_qualified_type_name: string | null
  readonly is_nullable: boolean
  readonly is_hidden: boolean
}
