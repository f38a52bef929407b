import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { columnDefinition } from './create-table.ts'
import { load } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'

/** Rows beside a target, in its types, for as long as the session. In SQL it is called `x`; `n` numbers its rows, `matched` marks them. */
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

/** By which rows are looked up, and whether two may share a key. */
export interface TemporaryKey {
  readonly cells: readonly Cell[]
  readonly unique: boolean
}

/** @throws NotDirectError where a text is no value of its type, or two rows share a key that is unique. */
export async function loadTemporary(
  session: Session,
  name: string,
  layout: readonly Cell[],
  key: TemporaryKey,
  rows: Rows,
): Promise<Temporary> {
  const sql = await createTemporary(session, name, layout, key)
  const fields = layout.map(({ alias, column }) => ({ name: alias, column: withoutRules(column), required: false }))
  try {
    return { sql, rows: await load(session, { table: sql, fields }, rows) }
  } catch (error) {
    throw error instanceof NotDirectError ? namingColumns(error, layout) : error
  }
}

/** The same with the rows of a table that has the target's columns; in SQL, quoted. */
export async function copyTemporary(
  session: Session,
  name: string,
  layout: readonly Cell[],
  key: TemporaryKey,
  from: string,
): Promise<Temporary> {
  const sql = await createTemporary(session, name, layout, key)
  const into = layout.map(({ alias }) => alias).join(', ')
  const { affected } = await session.execute(
    `INSERT INTO ${sql} (${into}) SELECT ${identifiers(layout.map(({ column }) => column.column.name))} FROM ${from}`,
  )
  return { sql, rows: affected }
}

/** In the names that people know. */
function namingColumns({ message }: NotDirectError, layout: readonly Cell[]): NotDirectError {
  const named = message.replace(/ in column ([ab]\d+)(?=$| \(error \d+\)$)/, (whole, alias) => {
    const column = layout.find((cell) => cell.alias === alias)?.column.column.name
    return column === undefined ? whole : ` in column ${column}`
  })
  return new NotDirectError({ code: 'NOT_DIRECT', message: named })
}

/** A temporary table neither commits when it is created nor when it is dropped; altering it would (manual, "Statements That Cause an Implicit Commit"). */
async function createTemporary(session: Session, name: string, layout: readonly Cell[], key: TemporaryKey): Promise<string> {
  const sql = identifier(`_syncline_${name}`)
  await session.execute(`DROP TEMPORARY TABLE IF EXISTS ${sql}`)
  const columns = layout.map(({ alias, column }) =>
    columnDefinition(
      { ...column.column, name: alias, nullable: true },
      session.server,
      key.cells.every((cell) => cell.alias !== alias),
    ),
  )
  const index =
    key.cells.length === 0 ? [] : [`${key.unique ? 'UNIQUE ' : ''}KEY (${key.cells.map((cell) => indexPart(cell, key.unique)).join(', ')})`]
  const parts = ['n BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY', 'matched TINYINT NOT NULL DEFAULT 0', ...columns, ...index]
  await session.execute(`CREATE TEMPORARY TABLE ${sql} (${parts.join(', ')}) ENGINE = InnoDB CHARSET utf8mb4`)
  return sql
}

/** Generated columns are plain ones there. */
function withoutRules({ column, facts }: RelationColumn): RelationColumn {
  const { generated: _generated, ...plain } = column
  return { column: plain, facts }
}

/** Long texts are indexed by their beginning. */
function indexPart({ alias, column }: Cell, unique: boolean): string {
  const { type } = column.column
  const textual = column.facts.collation !== undefined || type.kind === 'bytes' || column.facts.name === 'json'
  const length = 'length' in type ? (type.length ?? Number.POSITIVE_INFINITY) : 0
  const long = /text$|blob$|json/.test(column.facts.name) || length > 191
  return textual && long && !(unique && Number.isFinite(length) && length <= 768) ? `${alias}(191)` : alias
}
