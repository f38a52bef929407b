import { insertRows } from './append.ts'
import { differs, sameCells, sameKey } from './same-cells.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { StagedCell } from './staging.ts'
import type { Target } from './target.ts'
import type { Typed } from './typed.ts'

/** Where the numbers of rows that were changed are noted: what the server counts may include what triggers did. */
const done = '#syncline_done'

/** Deletes the rows that are as they were read, and takes them out of the typed table. @returns how many. */
export async function deleteRows(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<number> {
  return await noted(session, typed, deleteSql(target, typed, key))
}

export function deleteSql(target: Target, { table, cells }: Pick<Typed, 'table' | 'cells'>, key: readonly StagedCell[]): string {
  return `DELETE t OUTPUT x.n INTO ${done} FROM ${target.sql} AS t JOIN ${table} AS x ON ${sameKey(key)} WHERE ${sameCells(cells)}`
}

/**
 * Updates the rows that are as they were read. SQL Server judges unique indexes at the end of the statement, so that rows may
 * exchange values; only columns that change anywhere are set, so that nobody's trigger on the rest runs.
 */
export async function updateRows(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<number> {
  if (typed.rows === 0) return 0
  const half = typed.cells.length / 2
  const [after, before] = [typed.cells.slice(0, half), typed.cells.slice(half)]
  const set = await changedCells(session, typed.table, after, before)
  return await noted(session, typed, updateSql(target, typed.table, { set, before, key }))
}

export interface Update {
  readonly set: readonly StagedCell[]
  readonly before: readonly StagedCell[]
  readonly key: readonly StagedCell[]
}

export function updateSql(target: Target, table: string, { set, before, key }: Update): string {
  const assignments = set.map(({ column, alias }) => `${identifier(column.column.name)} = x.${alias}`)
  return `UPDATE t SET ${assignments.join(', ')} OUTPUT x.n INTO ${done} FROM ${target.sql} AS t JOIN ${table} AS x ON ${sameKey(key)} WHERE ${sameCells(before)}`
}

/**
 * Inserts the rows whose key is not there. The keys are locked as they are looked for, so that nobody inserts them in
 * between. Those that are there stay in the typed table.
 */
export async function insertAbsentRows(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<number> {
  const columns = typed.cells.map(({ column }) => column)
  const values = typed.cells.map(({ alias }) => `x.${alias}`).join(', ')
  if (key.length === 0) return await insertRows(session, target, columns, `SELECT ${values} FROM ${typed.table} AS x`)
  await recreateDone(session)
  await session.execute(absentSql(target, typed, key))
  const from = `${typed.table} AS x JOIN ${done} AS d ON d.n = x.n`
  const inserted = await insertRows(session, target, columns, `SELECT ${values} FROM ${from}`)
  await session.execute(takeOutSql(typed.table))
  return inserted
}

export function absentSql(target: Target, { table }: Pick<Typed, 'table'>, key: readonly StagedCell[]): string {
  const there = `SELECT 1 FROM ${target.sql} AS t WITH (UPDLOCK, HOLDLOCK) WHERE ${sameKey(key)}`
  return `INSERT INTO ${done} (n) SELECT x.n FROM ${table} AS x WHERE NOT EXISTS (${there})`
}

async function noted(session: Session, typed: Typed, sql: string): Promise<number> {
  await recreateDone(session)
  await session.execute(sql)
  return await session.change(takeOutSql(typed.table))
}

async function recreateDone(session: Session): Promise<void> {
  await session.execute(`DROP TABLE IF EXISTS ${done}`)
  await session.execute(`CREATE TABLE ${done} (n bigint NOT NULL)`)
}

function takeOutSql(table: string): string {
  return `DELETE x FROM ${table} AS x JOIN ${done} AS d ON d.n = x.n`
}

async function changedCells(
  session: Session,
  table: string,
  after: readonly StagedCell[],
  before: readonly StagedCell[],
): Promise<readonly StagedCell[]> {
  const counts = after.map(({ alias, column }, index) => {
    const condition = differs(column, `x.${alias}`, `x.${before[index]?.alias}`)
    return `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${alias}`
  })
  // An aggregate takes no subquery, so that it stands around it.
  const greatest = after.map(({ alias }) => `MAX(q.${alias}) AS ${alias}`)
  const [row] = await session.rows(`SELECT ${greatest.join(', ')} FROM (SELECT ${counts.join(', ')} FROM ${table} AS x) AS q`)
  const changed = after.filter(({ alias }) => Number(row?.[alias] ?? 0) > 0)
  // An identity column cannot be set, not even to what it holds.
  return changed.length > 0 ? changed : after.filter(({ column }) => column.column.identity === undefined)
}
