import type { Rows } from '../../core/rows.ts'
import { load } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

/** Rows beside a target, in its types, until the transaction ends. In SQL it is called `x`. */
export interface Temporary {
  readonly sql: string
  readonly rows: number
}

/** A column of a temporary table, after the target's column whose type it has. */
export interface Cell {
  readonly alias: string
  readonly column: RelationColumn
}

/** Cells named `a0`, `a1` … in the order of the columns. */
export function cells(columns: readonly RelationColumn[], prefix: 'a' | 'b' = 'a'): readonly Cell[] {
  return columns.map((column, index) => ({ alias: `${prefix}${index}`, column }))
}

/** @throws NotDirectError where a text is no value of its type. */
export async function loadTemporary(
  session: Session,
  target: Target,
  name: string,
  layout: readonly Cell[],
  rows: Rows,
): Promise<Temporary> {
  const sql = await createTemporary(session, target, name, layout)
  const columns = layout.map(({ alias, column }) => ({ ...column.column, name: alias }))
  const loaded = await load(session, { table: sql, columns }, rows)
  await session.execute(`ANALYZE ${sql}`)
  return { sql, rows: loaded }
}

/** The same with the rows of a table that has the target's columns; in SQL, quoted. */
export async function copyTemporary(
  session: Session,
  target: Target,
  name: string,
  layout: readonly Cell[],
  from: string,
): Promise<Temporary> {
  const sql = await createTemporary(session, target, name, layout)
  const selected = layout.map(({ column }) => `t.${identifier(column.column.name)}`)
  const rows = await session.execute(`INSERT INTO ${sql} SELECT ${selected.join(', ')} FROM ${from} AS t`)
  await session.execute(`ANALYZE ${sql}`)
  return { sql, rows }
}

/** Copies types and collations of the target's columns, not their constraints. */
export async function createTemporary(session: Session, target: Target, name: string, layout: readonly Cell[]): Promise<string> {
  const sql = `pg_temp.${identifier(`_syncline_${name}`)}`
  await session.execute(`DROP TABLE IF EXISTS ${sql}`)
  const selected = layout.map(({ alias, column }) => `t.${identifier(column.column.name)} AS ${alias}`)
  await session.execute(
    `CREATE TEMPORARY TABLE ${sql.slice('pg_temp.'.length)} ON COMMIT DROP AS SELECT ${selected.join(', ')} FROM ${target.sql} AS t WITH NO DATA`,
  )
  return sql
}
