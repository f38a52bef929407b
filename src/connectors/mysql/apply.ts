import type { Applied, ChangeSet, Moved } from '../../core/changes.ts'
import { NotDirectError, RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Value } from '../../core/value.ts'
import { sameCells, sameKey, targetCell } from './cells.ts'
import { insertAbsent } from './insert-absent.ts'
import { keyTexts } from './key-texts.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { columnOf, type Target } from './target.ts'
import { type Cell, cells, loadTemporary, type Temporary } from './temporary.ts'
import { updateRows } from './update.ts'

/**
 * Applies changes whose before images still hold: deletes first, which free unique values, then updates, then inserts. Only
 * the keys of rows that moved come back to JavaScript.
 */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  const key = changes.key.map((name) => columnOf(target.relation, name))
  if (key.length === 0 && changes.updates.count + changes.deletes.count > 0) {
    throw new RunError({ code: 'NO_KEY', message: 'updates and deletes need a key that tells rows apart' })
  }
  try {
    const deletes = changes.deletes.count > 0 ? await applyDeletes(session, target, key, changes.deletes) : untouched
    const updates = changes.updates.count > 0 ? await applyUpdates(session, target, key, changes.updates) : untouched
    const inserts = changes.inserts.count > 0 ? await applyInserts(session, target, key, changes.inserts) : untouched
    return {
      deleted: deletes.done,
      updated: updates.done,
      inserted: inserts.done,
      moved: [...kept('delete', deletes), ...kept('update', updates), ...kept('insert', inserts)],
    }
  } catch (error) {
    throw error instanceof NotDirectError ? new RunError({ code: 'VALUE_REFUSED', message: error.message }) : error
  }
}

interface Step {
  readonly done: number
  readonly moved: readonly (readonly Value[])[]
}

const untouched: Step = { done: 0, moved: [] }

function kept(kind: Moved['kind'], { moved }: Step): readonly Moved[] {
  return moved.map((key) => ({ kind, key }))
}

async function applyDeletes(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const keyed = keyCells(key, layout)
  const temporary = await loadTemporary(session, 'deletes', layout, { cells: keyed, unique: false }, rows)
  const match = matchOf(key, keyed)
  const done = await markUnmoved(session, target, { temporary, match, layout })
  await session.execute(`DELETE t FROM ${target.sql} AS t JOIN ${temporary.sql} AS x ON ${match} WHERE x.matched = 1`)
  return { done, moved: done === temporary.rows ? [] : await keyTexts(session, temporary, keyed, 0) }
}

async function applyUpdates(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const half = rows.columns.length / 2
  const columns = rows.columns.slice(0, half).map((column) => columnOf(target.relation, column.name))
  const before = cells(columns, 'b')
  const keyed = keyCells(key, before)
  const temporary = await loadTemporary(session, 'updates', [...cells(columns), ...before], { cells: keyed, unique: false }, rows)
  const match = matchOf(key, keyed)
  const done = await markUnmoved(session, target, { temporary, match, layout: before })
  await updateRows(session, target, { columns, key, match, temporary: temporary.sql, mark: 1 })
  return { done, moved: done === temporary.rows ? [] : await keyTexts(session, temporary, keyed, 0) }
}

async function applyInserts(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const keyed = keyCells(key, layout)
  const temporary = await loadTemporary(session, 'inserts', layout, { cells: keyed, unique: false }, rows)
  const done = await insertAbsent(session, target, { layout, keyed, match: matchOf(key, keyed), temporary: temporary.sql })
  return { done, moved: done === temporary.rows ? [] : await keyTexts(session, temporary, keyed, 1) }
}

interface BeforeImages {
  readonly temporary: Temporary
  readonly match: string
  /** The cells as they were read. */
  readonly layout: readonly Cell[]
}

/** Locks the rows that are meant, then marks those that are as they were read. @returns how many. */
async function markUnmoved(session: Session, target: Target, { temporary, match, layout }: BeforeImages): Promise<number> {
  const compared = layout.filter(({ column }) => !column.column.generated)
  const same = sameCells(
    compared.map(({ column }) => column),
    (index) => [compared[index] ? targetCell(compared[index].column) : 'NULL', `x.${compared[index]?.alias}`],
  )
  await session.rows(`SELECT count(*) FROM ${temporary.sql} AS x JOIN ${target.sql} AS t ON ${match} FOR UPDATE`)
  await session.execute(`UPDATE ${temporary.sql} AS x JOIN ${target.sql} AS t ON ${match} SET x.matched = 1 WHERE ${same}`)
  const [[marked] = []] = await session.rows(`SELECT count(*) FROM ${temporary.sql} WHERE matched = 1`)
  return Number(marked ?? 0)
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
