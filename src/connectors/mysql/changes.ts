import type { Rows } from '../../core/rows.ts'
import { sameCells, sameKey, targetCell } from './cells.ts'
import { insertAbsent, marks } from './insert-absent.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { TableStep } from './step.ts'
import { columnOf, type Target } from './target.ts'
import { type Cell, cells, loadTemporary, type Temporary } from './temporary.ts'
import { updateRows } from './update.ts'

/** Deletes the rows that are as they were read. */
export async function deletion(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const keyed = keyCells(key, layout)
  const temporary = await loadTemporary(session, 'deletes', layout, { cells: keyed, unique: false }, rows)
  // A row that nobody can name by its key may have to go, too.
  const match = key
    .map((column, index) => `${targetCell(column)} ${column.column.nullable ? '<=>' : '='} x.${keyed[index]?.alias}`)
    .join(' AND ')
  const same = asRead(layout)
  await markUnmoved(session, target, { temporary, match, layout })
  const run = async (part: string) => {
    const sql = `DELETE t FROM ${target.sql} AS t JOIN ${temporary.sql} AS x ON ${match} WHERE x.matched = 1 AND ${same} AND ${part}`
    return (await session.execute(sql)).affected
  }
  return new TableStep(session, { kind: 'delete', temporary, keyed, told: keyed, moved: 0, run })
}

/** Updates the rows that are as they were read. */
export async function updating(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const half = rows.columns.length / 2
  const columns = rows.columns.slice(0, half).map((column) => columnOf(target.relation, column.name))
  const before = cells(columns, 'b')
  const keyed = keyCells(key, before)
  const temporary = await loadTemporary(session, 'updates', [...cells(columns), ...before], { cells: keyed, unique: false }, rows)
  const match = matchOf(key, keyed)
  await markUnmoved(session, target, { temporary, match, layout: before })
  const run = async (part: string) => {
    await updateRows(session, target, { columns, key, match, temporary: temporary.sql, meant: `x.matched = 1 AND ${part}` })
    const [[updated] = []] = await session.rows(`SELECT count(*) FROM ${temporary.sql} AS x WHERE x.matched = 1 AND ${part}`)
    return Number(updated ?? 0)
  }
  return new TableStep(session, { kind: 'update', temporary, keyed, told: keyed, moved: 0, run })
}

/** Inserts the rows that are not there. */
export async function insertion(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const keyed = keyCells(key, layout)
  const temporary = await loadTemporary(session, 'inserts', layout, { cells: keyed, unique: false }, rows)
  const inserts = { layout, keyed, match: matchOf(key, keyed), temporary: temporary.sql }
  const run = async (part: string) => await insertAbsent(session, target, { ...inserts, part })
  return new TableStep(session, {
    kind: 'insert',
    temporary,
    keyed,
    told: key.length > 0 ? keyed : layout,
    moved: marks.present,
    run,
  })
}

interface BeforeImages {
  readonly temporary: Temporary
  readonly match: string
  /** The cells as they were read. */
  readonly layout: readonly Cell[]
}

/** Locks the rows that are meant, then marks those that are as they were read. */
async function markUnmoved(session: Session, target: Target, { temporary, match, layout }: BeforeImages): Promise<void> {
  const same = asRead(layout)
  await session.rows(`SELECT count(*) FROM ${temporary.sql} AS x JOIN ${target.sql} AS t ON ${match} FOR UPDATE`)
  await session.execute(`UPDATE ${temporary.sql} AS x JOIN ${target.sql} AS t ON ${match} SET x.matched = 1 WHERE ${same}`)
}

/** SQL that is true where a row of the target is as it was read. */
function asRead(layout: readonly Cell[]): string {
  const compared = layout.filter(({ column }) => !column.column.generated)
  return sameCells(
    compared.map(({ column }) => column),
    (index) => [compared[index] ? targetCell(compared[index].column) : 'NULL', `x.${compared[index]?.alias}`],
  )
}

function keyCells(key: readonly RelationColumn[], layout: readonly Cell[]): readonly Cell[] {
  return key.flatMap((column) => layout.find((cell) => cell.column === column) ?? [])
}

function matchOf(key: readonly RelationColumn[], keyed: readonly Cell[]): string {
  return sameKey(
    key.map(targetCell),
    keyed.map(({ alias }) => `x.${alias}`),
  )
}
