import type { Rows } from '../../core/rows.ts'
import type { Session } from './session.ts'
import { type Loaded, loadRows, misfitSql, type StagedCell, valuesSql } from './staging.ts'
import { declaration, type SystemType } from './system-type.ts'

/** Rows in the target's own types and collations, in a temporary table that has them by `n`. In SQL it is called `x`. */
export interface Typed extends Loaded {
  /** The rows as they were loaded; those with a misfit are there only. */
  readonly loaded: Loaded
}

/** Loads rows and converts them; those that do not fit are left behind. */
export async function loadTyped(session: Session, name: string, cells: readonly StagedCell[], rows: Rows): Promise<Typed> {
  const loaded = await loadRows(session, name, cells, rows)
  const table = `#syncline_${name}`
  await createTyped(session, table, cells)
  if (loaded.rows === 0) return { table, rows: 0, cells, loaded }
  const insert = `INSERT INTO ${table} (n, ${aliases(cells)})\nSELECT x.n, ${valuesSql(cells).join(', ')} FROM ${loaded.table} AS x`
  const misfit = misfitSql(cells)
  const typed = await session.change(`${insert} WHERE ${misfit} IS NULL`)
  return { table, rows: typed, cells, loaded }
}

export async function createTyped(session: Session, table: string, cells: readonly StagedCell[]): Promise<void> {
  await session.execute(`DROP TABLE IF EXISTS ${table}`)
  await session.execute(createTypedSql(table, cells))
}

export function createTypedSql(table: string, cells: readonly StagedCell[]): string {
  const columns = cells.map(({ alias, column }) => `${alias} ${temporaryType(column.type)} NULL`)
  return `CREATE TABLE ${table} (n bigint NOT NULL, ${columns.join(', ')})`
}

export function aliases(cells: readonly StagedCell[]): string {
  return cells.map(({ alias }) => alias).join(', ')
}

/** The collation is the target's, or else temporary tables would have the server's and comparing would be refused. */
function temporaryType(type: SystemType): string {
  const declared = declaration(type)
  return type.collation === undefined || / COLLATE /.test(declared) ? declared : `${declared} COLLATE ${type.collation}`
}
