import { insertRows } from './append.ts'
import { rowDigest } from './row-digest.ts'
import { cellOf } from './same-cells.ts'
import type { Session } from './session.ts'
import type { StagedCell } from './staging.ts'
import type { Target } from './target.ts'
import type { Typed } from './typed.ts'

/** Without a key rows are known by all their cells; of equal ones there shall be as many as arrived. */
export async function mergeWholeRows(session: Session, target: Target, typed: Typed): Promise<void> {
  await session.change(surplusSql(target, typed))
  await insertRows(
    session,
    target,
    typed.cells.map(({ column }) => column),
    missingSql(target, typed),
  )
}

/** Equal rows are numbered, and the numbers past those that arrived go. */
export function surplusSql(target: Target, { table, cells }: Pick<Typed, 'table' | 'cells'>): string {
  const there = rowText(cells, ({ column }) => cellOf(column))
  return `WITH wanted AS (SELECT ${rowText(cells, arrivedCell)} AS r, COUNT_BIG(*) AS n FROM ${table} AS x GROUP BY ${rowText(cells, arrivedCell)}),
     have AS (SELECT ${there} AS r, ROW_NUMBER() OVER (PARTITION BY ${there} ORDER BY (SELECT NULL)) AS n FROM ${target.sql} AS t)
DELETE have FROM have LEFT JOIN wanted ON wanted.r = have.r WHERE have.n > COALESCE(wanted.n, 0)`
}

export function missingSql(target: Target, { table, cells }: Pick<Typed, 'table' | 'cells'>): string {
  const there = rowText(cells, ({ column }) => cellOf(column))
  const arrived = rowText(cells, arrivedCell)
  return `SELECT ${cells.map(({ alias }) => `w.${alias}`).join(', ')}
  FROM (SELECT x.*, ${arrived} AS r, ROW_NUMBER() OVER (PARTITION BY ${arrived} ORDER BY x.n) AS place FROM ${table} AS x) AS w
  LEFT JOIN (SELECT ${there} AS r, COUNT_BIG(*) AS n FROM ${target.sql} AS t GROUP BY ${there}) AS h ON h.r = w.r
 WHERE w.place > COALESCE(h.n, 0)`
}

function arrivedCell({ alias }: StagedCell): string {
  return `x.${alias}`
}

function rowText(cells: readonly StagedCell[], at: (cell: StagedCell) => string): string {
  const columns = cells.map(({ column }) => column)
  return rowDigest(columns, (index) => {
    const cell = cells[index]
    return cell ? at(cell) : 'NULL'
  })
}
