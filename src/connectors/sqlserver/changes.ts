import type { ChangeSet } from '../../core/changes.ts'
import type { Rows } from '../../core/rows.ts'
import { insertRows } from './append.ts'
import { differs, sameCells, sameKey } from './same-cells.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import { type StagedCell, stagedCells } from './staging.ts'
import { TableStep } from './step.ts'
import { columnOf, type Target } from './target.ts'
import { loadTyped, type Typed } from './typed.ts'

/** The numbers of the rows that can be changed, of which nobody else can change one any more. */
const matched = '#syncline_matched'

/** Deletes the rows that are as they were read. */
export async function deletion(session: Session, target: Target, { deletes, key: names }: ChangeSet): Promise<TableStep> {
  const typed = await loadTyped(session, 'deletes', stagedCells(columnsOf(target, deletes)), deletes)
  const key = keyCells(typed.cells, names)
  const run = async (part: string) => {
    await match(session, matchSql(target, typed.table, { before: typed.cells, key, part }))
    await session.execute(deleteSql(target, typed, key))
    return await takeOut(session, typed.table)
  }
  return new TableStep(session, { kind: 'delete', typed, key, told: key, run })
}

/** Updates the rows that are as they were read. */
export async function updating(session: Session, target: Target, { updates, key: names }: ChangeSet): Promise<TableStep> {
  const half = updates.columns.length / 2
  const columns = updates.columns.slice(0, half).map(({ name }) => columnOf(target.relation, name))
  const before = stagedCells(columns, 'b', half)
  const typed = await loadTyped(session, 'updates', [...stagedCells(columns), ...before], updates)
  const key = keyCells(before, names)
  const set = await changedCells(session, typed)
  const run = async (part: string) => await updateRows(session, target, typed.table, { set, before, key, part })
  return new TableStep(session, { kind: 'update', typed, key, told: key, run })
}

/** Inserts the rows whose key is not there; those that are there stay in the typed table. */
export async function insertion(session: Session, target: Target, { inserts, key: names }: ChangeSet): Promise<TableStep> {
  const typed = await loadTyped(session, 'inserts', stagedCells(columnsOf(target, inserts)), inserts)
  const key = keyCells(typed.cells, names)
  const columns = typed.cells.map(({ column }) => column)
  const values = typed.cells.map(({ alias }) => `x.${alias}`).join(', ')
  const run = async (part: string) => {
    await match(session, absentSql(target, typed, key, part))
    await insertRows(session, target, columns, `SELECT ${values} FROM ${typed.table} AS x JOIN ${matched} AS m ON m.n = x.n`)
    return await takeOut(session, typed.table)
  }
  return new TableStep(session, { kind: 'insert', typed, key, told: key.length > 0 ? key : typed.cells, run })
}

function columnsOf(target: Target, rows: Rows) {
  return rows.columns.map(({ name }) => columnOf(target.relation, name))
}

function keyCells(cells: readonly StagedCell[], key: readonly string[]): readonly StagedCell[] {
  return key.flatMap((name) => cells.filter(({ column }) => column.column.name === name))
}

/** Which rows are meant: SQL about the typed table, called `x`. */
interface Meant {
  readonly before: readonly StagedCell[]
  readonly key: readonly StagedCell[]
  readonly part: string
}

/**
 * Notes the rows that are as they were read, and locks them until the transaction ends. What is changed then is known without
 * asking what a statement did, in whose answer triggers and `OUTPUT` each have a say of their own.
 */
export function matchSql(target: Target, table: string, { before, key, part }: Meant): string {
  return `INSERT INTO ${matched} (n) SELECT x.n FROM ${target.sql} AS t WITH (UPDLOCK) JOIN ${table} AS x ON ${sameKey(key)}
 WHERE ${part} AND ${sameCells(before)}`
}

export function deleteSql(target: Target, { table, cells }: Pick<Typed, 'table' | 'cells'>, key: readonly StagedCell[]): string {
  return `DELETE t ${fromMatched(target, table, key)} WHERE ${sameCells(cells)}`
}

export interface Update extends Meant {
  readonly set: readonly StagedCell[]
}

/**
 * Updates the rows that are as they were read. SQL Server judges unique indexes at the end of the statement, so that rows may
 * exchange values; only columns that change anywhere are set, so that nobody's trigger on the rest runs.
 * @returns how many.
 */
export async function updateRows(session: Session, target: Target, table: string, update: Update): Promise<number> {
  await match(session, matchSql(target, table, update))
  await session.execute(updateSql(target, table, update))
  return await takeOut(session, table)
}

export function updateSql(target: Target, table: string, { set, before, key }: Omit<Update, 'part'>): string {
  const assignments = set.map(({ column, alias }) => `${identifier(column.column.name)} = x.${alias}`)
  return `UPDATE t SET ${assignments.join(', ')} ${fromMatched(target, table, key)} WHERE ${sameCells(before)}`
}

/** The keys are locked as they are looked for, so that nobody inserts them in between. Rows without a key are never there. */
export function absentSql(target: Target, { table }: Pick<Typed, 'table'>, key: readonly StagedCell[], part: string): string {
  const all = `INSERT INTO ${matched} (n) SELECT x.n FROM ${table} AS x WHERE ${part}`
  if (key.length === 0) return all
  return `${all} AND NOT EXISTS (SELECT 1 FROM ${target.sql} AS t WITH (UPDLOCK, HOLDLOCK) WHERE ${sameKey(key)})`
}

/** The images are compared once more: of rows that share a key that nothing holds unique, only the one that was read is meant. */
function fromMatched(target: Target, table: string, key: readonly StagedCell[]): string {
  return `FROM ${target.sql} AS t JOIN ${table} AS x ON ${sameKey(key)} JOIN ${matched} AS m ON m.n = x.n`
}

async function match(session: Session, sql: string): Promise<void> {
  await session.execute(`DROP TABLE IF EXISTS ${matched}`)
  await session.execute(`CREATE TABLE ${matched} (n bigint NOT NULL)`)
  await session.execute(sql)
}

async function takeOut(session: Session, table: string): Promise<number> {
  return await session.change(`DELETE x FROM ${table} AS x JOIN ${matched} AS m ON m.n = x.n`)
}

/** The first half of a typed table's cells are as they shall be, the second as they were: those that change in any row. */
export async function changedCells(session: Session, { table, cells }: Pick<Typed, 'table' | 'cells'>): Promise<readonly StagedCell[]> {
  const half = cells.length / 2
  const after = cells.slice(0, half)
  const changes = after.map(({ alias, column }, index) => {
    const condition = differs(column, `x.${alias}`, `x.${cells[half + index]?.alias}`)
    return `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${alias}`
  })
  // An aggregate takes no subquery, so that it stands around it.
  const greatest = after.map(({ alias }) => `MAX(q.${alias}) AS ${alias}`)
  const [row] = await session.rows(`SELECT ${greatest.join(', ')} FROM (SELECT ${changes.join(', ')} FROM ${table} AS x) AS q`)
  const changed = after.filter(({ alias }) => Number(row?.[alias] ?? 0) > 0)
  // An identity column cannot be set, not even to what it holds.
  return changed.length > 0 ? changed : after.filter(({ column }) => column.column.identity === undefined)
}
