import { formatAmount } from '../../core/count.ts'
import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { isRefusal } from './errors.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifiers } from './sql.ts'
import { type Loaded, loadRows, misfitSql, stagedCells, valuesSql } from './staging.ts'
import type { Target } from './target.ts'

/**
 * Adds rows; the target's own constraints judge them.
 * @returns how many it took.
 * @throws NotDirectError where one was refused.
 */
export async function appendRows(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const loaded = await loadRows(session, 'rows', stagedCells(columns), rows)
  if (loaded.rows === 0) return 0
  await refuseMisfits(session, loaded)
  const select = `SELECT ${valuesSql(loaded.cells).join(', ')} FROM ${loaded.table} AS x`
  try {
    return await insertRows(
      session,
      target,
      loaded.cells.map(({ column }) => column),
      select,
    )
  } catch (error) {
    throw asNotDirect(error)
  }
}

/** Inserts what a query gives, numbers of identity columns as they came. @returns how many rows. */
export async function insertRows(session: Session, target: Target, columns: readonly RelationColumn[], select: string): Promise<number> {
  const numbered = columns.some(({ column }) => column.identity !== undefined)
  // Nobody can see a table that this transaction created: locking it as a whole lets the server log less.
  const hint = target.created ? ' WITH (TABLOCK)' : ''
  const insert = `INSERT INTO ${target.sql}${hint} (${identifiers(columns.map(({ column }) => column.name))})\n${select}`
  if (!numbered) return await session.change(insert)
  // One table of a session at a time may have it on.
  await session.execute(`SET IDENTITY_INSERT ${target.sql} ON`)
  try {
    return await session.change(insert)
  } finally {
    await session.execute(`SET IDENTITY_INSERT ${target.sql} OFF`)
  }
}

/** @throws NotDirectError naming a column that cannot hold what was loaded for it. */
export async function refuseMisfits(session: Session, loaded: Loaded): Promise<void> {
  const [found] = await session.rows<{ readonly cell: number | string; readonly times: string }>(refuseMisfitsSql(loaded))
  if (!found) return
  const column = loaded.cells[Number(found.cell)]?.column.column
  throw new NotDirectError({
    code: 'NOT_DIRECT',
    message: `${formatAmount(Number(found.times), 'row')} cannot be held by column \`${column?.name}\` (${column?.native?.name})`,
  })
}

export function refuseMisfitsSql({ table, cells }: Pick<Loaded, 'table' | 'cells'>): string {
  return `SELECT TOP (1) q.cell, COUNT_BIG(*) AS times FROM (SELECT ${misfitSql(cells)} AS cell FROM ${table} AS x) AS q
 WHERE q.cell IS NOT NULL GROUP BY q.cell ORDER BY q.cell`
}

/** A refusal of rows nobody has looked at yet as the reason to go by the stage (rule 15); every other error as it is. */
export function asNotDirect(error: unknown): unknown {
  return isRefusal(error) ? new NotDirectError({ code: 'NOT_DIRECT', message: error.message }) : error
}
