import { insertRows } from './append.ts'
import { differs, sameCells, sameKey } from './same-cells.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { StagedCell } from './staging.ts'
import type { Target } from './target.ts'
import type { Typed } from './typed.ts'

/** The numbers of the rows that can be changed, of which nobody else can change one any more. */
const matched = '#syncline_matched'

/** Deletes the rows that are as they were read, and takes them out of the typed table. @returns how many. */
export async function deleteRows(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<number> {
  await match(session, matchSql(target, typed.table, typed.cells, key))
  await session.execute(deleteSql(target, typed, key))
  return await takeOut(session, typed.table)
}

/**
 * Notes the rows that are as they were read, and locks them until the transaction ends. What is changed then is known without
 * asking what a statement did, in whose answer triggers and `OUTPUT` each have a say of their own.
 */
export function matchSql(target: Target, table: string, before: readonly StagedCell[], key: readonly StagedCell[]): string {
  return `INSERT INTO ${matched} (n) SELECT x.n FROM ${target.sql} AS t WITH (UPDLOCK) JOIN ${table} AS x ON ${sameKey(key)}
 WHERE ${sameCells(before)}`
}

export function deleteSql(target: Target, { table, cells }: Pick<Typed, 'table' | 'cells'>, key: readonly StagedCell[]): string {
  return `DELETE t ${fromMatched(target, table, key)} WHERE ${sameCells(cells)}`
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
  await match(session, matchSql(target, typed.table, before, key))
  await session.execute(updateSql(target, typed.table, { set, before, key }))
  return await takeOut(session, typed.table)
}

export interface Update {
  readonly set: readonly StagedCell[]
  readonly before: readonly StagedCell[]
  readonly key: readonly StagedCell[]
}

export function updateSql(target: Target, table: string, { set, before, key }: Update): string {
  const assignments = set.map(({ column, alias }) => `${identifier(column.column.name)} = x.${alias}`)
  return `UPDATE t SET ${assignments.join(', ')} ${fromMatched(target, table, key)} WHERE ${sameCells(before)}`
}

/**
 * Inserts the rows whose key is not there. The keys are locked as they are looked for, so that nobody inserts them in
 * between. Those that are there stay in the typed table.
 */
export async function insertAbsentRows(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<number> {
  const columns = typed.cells.map(({ column }) => column)
  const values = typed.cells.map(({ alias }) => `x.${alias}`).join(', ')
  if (key.length === 0) return await insertRows(session, target, columns, `SELECT ${values} FROM ${typed.table} AS x`)
  await match(session, absentSql(target, typed, key))
  await insertRows(session, target, columns, `SELECT ${values} FROM ${typed.table} AS x JOIN ${matched} AS m ON m.n = x.n`)
  return await takeOut(session, typed.table)
}

export function absentSql(target: Target, { table }: Pick<Typed, 'table'>, key: readonly StagedCell[]): string {
  const there = `SELECT 1 FROM ${target.sql} AS t WITH (UPDLOCK, HOLDLOCK) WHERE ${sameKey(key)}`
  return `INSERT INTO ${matched} (n) SELECT x.n FROM ${table} AS x WHERE NOT EXISTS (${there})`
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

async function changedCells(
  session: Session,
  table: string,
  after: readonly StagedCell[],
  before: readonly StagedCell[],
): Promise<readonly StagedCell[]> {
  const changes = after.map(({ alias, column }, index) => {
    const condition = differs(column, `x.${alias}`, `x.${before[index]?.alias}`)
    return `CASE WHEN ${condition} THEN 1 ELSE 0 END AS ${alias}`
  })
  // An aggregate takes no subquery, so that it stands around it.
  const greatest = after.map(({ alias }) => `MAX(q.${alias}) AS ${alias}`)
  const [row] = await session.rows(`SELECT ${greatest.join(', ')} FROM (SELECT ${changes.join(', ')} FROM ${table} AS x) AS q`)
  const changed = after.filter(({ alias }) => Number(row?.[alias] ?? 0) > 0)
  // An identity column cannot be set, not even to what it holds.
  return changed.length > 0 ? changed : after.filter(({ column }) => column.column.identity === undefined)
}
