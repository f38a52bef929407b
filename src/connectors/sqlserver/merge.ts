import type { Rows } from '../../core/rows.ts'
import { asNotDirect, insertRows, refuseMisfits } from './append.ts'
import { changedCells, updateRows } from './changes.ts'
import { mergeWholeRows } from './merge-whole-rows.ts'
import type { RelationColumn } from './relation.ts'
import { cellOf, sameCells, sameKey } from './same-cells.ts'
import type { Session } from './session.ts'
import { type StagedCell, stagedCells } from './staging.ts'
import { columnOf, type Target } from './target.ts'
import { aliases, createTyped, loadTyped, type Typed } from './typed.ts'

/**
 * Makes a table that keeps its place hold exactly these rows, in one transaction: rows that stay are not touched, those that
 * differ are updated, and only those that are gone are deleted. Nobody else may write meanwhile.
 * @returns how many rows arrived.
 * @throws NotDirectError where one was refused.
 */
export async function mergeRows(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const typed = await loadTyped(session, 'rows', stagedCells(columns), rows)
  if (typed.rows < typed.loaded.rows) await refuseMisfits(session, typed.loaded)
  const key = uniqueKey(target, typed.cells)
  try {
    if (key.length > 0) await mergeByKey(session, target, typed, key)
    else await mergeWholeRows(session, target, typed)
  } catch (error) {
    throw asNotDirect(error)
  }
  return typed.rows
}

/** A key that the table itself holds unique and not NULL, and that arrives with the rows. */
function uniqueKey({ relation }: Target, cells: readonly StagedCell[]): readonly StagedCell[] {
  for (const unique of relation.uniques) {
    const columns = unique.map((name) => columnOf(relation, name))
    const key = columns.flatMap((column) => cells.filter((cell) => cell.column.column.name === column.column.name))
    if (key.length === unique.length && columns.every(({ column }) => !column.nullable)) return key
  }
  return []
}

async function mergeByKey(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<void> {
  const match = sameKey(key)
  await session.execute(`CREATE UNIQUE INDEX syncline_key ON ${typed.table} (${aliases(key)})`)
  await session.change(goneSql(target, typed, key))
  await updateChanged(session, target, typed, key)
  const absent = typed.cells.map(({ alias }) => `x.${alias}`).join(', ')
  await insertRows(
    session,
    target,
    typed.cells.map(({ column }) => column),
    `SELECT ${absent} FROM ${typed.table} AS x WHERE NOT EXISTS (SELECT 1 FROM ${target.sql} AS t WHERE ${match})`,
  )
}

export function goneSql(target: Target, { table }: Pick<Typed, 'table'>, key: readonly StagedCell[]): string {
  return `DELETE t FROM ${target.sql} AS t WHERE NOT EXISTS (SELECT 1 FROM ${table} AS x WHERE ${sameKey(key)})`
}

/** The rows that differ, as they shall be and as they are, become a set of updates. */
async function updateChanged(session: Session, target: Target, typed: Typed, key: readonly StagedCell[]): Promise<void> {
  const before = typed.cells.map((cell) => ({ ...cell, alias: `b${cell.alias.slice(1)}` }))
  const changed: Typed = { ...typed, table: '#syncline_changed', cells: [...typed.cells, ...before] }
  await createTyped(session, changed.table, changed.cells)
  const rows = await session.change(
    `INSERT INTO ${changed.table} (n, ${aliases(changed.cells)})
SELECT x.n, ${typed.cells.map(({ alias }) => `x.${alias}`).join(', ')}, ${typed.cells.map(({ column }) => cellOf(column)).join(', ')}
  FROM ${typed.table} AS x JOIN ${target.sql} AS t ON ${sameKey(key)} WHERE NOT ${sameCells(typed.cells)}`,
  )
  const keyed = key.map((cell) => ({ ...cell, alias: `b${cell.alias.slice(1)}` }))
  if (rows === 0) return
  await updateRows(session, target, changed.table, { set: await changedCells(session, changed), before, key: keyed, part: '1 = 1' })
}
