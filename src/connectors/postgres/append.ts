import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { asNotDirect, load } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifiers } from './sql.ts'
import { type Target, writtenColumns } from './target.ts'
import { cells, loadTemporary } from './temporary.ts'

/**
 * Adds rows; the target's own constraints judge them.
 * @returns how many it took.
 * @throws NotDirectError where one was refused.
 */
export async function loadRows(session: Session, target: Target, table: Table, rows: Rows): Promise<number> {
  const columns = writtenColumns(target, table, rows)
  if (target.relation.kind === 'v' || columns.some(({ column }) => column.generated))
    return await insertRows(session, target, columns, rows)
  const fresh = target.created && target.relation.kind === 'r'
  return await load(session, { table: target.sql, columns: columns.map(({ column }) => column), fresh }, rows)
}

/** For what COPY cannot do: write into views, and leave out columns that the system computes. */
async function insertRows(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const layout = cells(columns)
  const { sql } = await loadTemporary(session, target, 'rows', layout, rows)
  const written = layout.filter(({ column }) => !column.column.generated)
  return await insertSelected(
    session,
    target,
    written.map(({ column }) => column),
    `SELECT ${written.map(({ alias }) => alias).join(', ')} FROM ${sql}`,
  )
}

/** Adds the rows of a table that has the target's columns; in SQL, quoted. @throws NotDirectError where one was refused. */
export async function copyRows(session: Session, target: Target, columns: readonly RelationColumn[], from: string): Promise<number> {
  const written = columns.filter(({ column }) => !column.generated)
  return await insertSelected(session, target, written, `SELECT ${identifiers(written.map(({ column }) => column.name))} FROM ${from}`)
}

async function insertSelected(session: Session, target: Target, written: readonly RelationColumn[], select: string): Promise<number> {
  const names = identifiers(written.map(({ column }) => column.name))
  try {
    return await session.execute(`INSERT INTO ${target.sql} (${names}) OVERRIDING SYSTEM VALUE ${select}`)
  } catch (error) {
    throw asNotDirect(error)
  }
}
