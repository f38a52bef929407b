import type { Relation, Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'

/** No rows: for a file in which nothing names a column. */
export function emptyRows(columns: readonly Column[]): Rows {
  return { columns, relation: async () => ({ ...emptyRelation(columns), release: async () => {} }) }
}

export function emptyRelation(columns: readonly Column[]): Omit<Relation, 'release'> {
  const list = columns.map((c) => `NULL::VARCHAR AS ${identifier(c.name)}`).join(', ')
  return { sql: `(SELECT ${list || '1'} WHERE false)`, cells: 'text' }
}
