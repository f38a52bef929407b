import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { asNotDirect, load } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifiers } from './sql.ts'
import { type Target, writtenColumns } from './target.ts'

/**
 * Adds rows; the target's own constraints judge them.
 * @returns how many it took: all of them.
 * @throws NotDirectError where one was refused.
 */
export async function loadRows(session: Session, target: Target, table: Table, rows: Rows): Promise<number> {
  return await loadColumns(session, target.sql, writtenColumns(target, table, rows), rows)
}

/** @param table in SQL. */
export async function loadColumns(session: Session, table: string, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const fields = columns.map((column) => ({ name: column.column.name, column, required: isRequired(column) }))
  return await load(session, { table, fields }, rows)
}

/** Adds the rows of a table that has the target's columns; in SQL, quoted. @throws NotDirectError where one was refused. */
export async function copyRows(session: Session, { sql }: Target, columns: readonly RelationColumn[], from: string): Promise<number> {
  const names = identifiers(columns.filter(({ column }) => !column.generated).map(({ column }) => column.name))
  try {
    return (await session.execute(`INSERT INTO ${sql} (${names}) SELECT ${names} FROM ${from}`)).affected
  } catch (error) {
    throw asNotDirect(error)
  }
}

function isRequired({ column }: RelationColumn): boolean {
  return !column.nullable && !column.generated
}
