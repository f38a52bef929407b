import type { Applied, ChangeKind, ChangeSet, Moved, Refused } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { deleteRows, insertAbsentRows, updateRows } from './changes.ts'
import type { Session } from './session.ts'
import { keysOf, refusedRows } from './settle.ts'
import { type StagedCell, stagedCells } from './staging.ts'
import { columnOf, type Target } from './target.ts'
import { loadTyped, type Typed } from './typed.ts'

/**
 * Applies changes whose before images still hold: deletes first, which free unique values, then updates, then inserts. Rows
 * that the types cannot hold are refused by themselves; only keys come back to JavaScript.
 */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  if (changes.key.length === 0 && changes.updates.count + changes.deletes.count > 0) {
    throw new RunError({ code: 'NO_KEY', message: 'updates and deletes need a key that tells rows apart' })
  }
  const deletes = changes.deletes.count > 0 ? await applyDeletes(session, target, changes) : untouched
  const updates = changes.updates.count > 0 ? await applyUpdates(session, target, changes) : untouched
  const inserts = changes.inserts.count > 0 ? await applyInserts(session, target, changes) : untouched
  const refused = [...deletes.refused, ...updates.refused, ...inserts.refused]
  return {
    deleted: deletes.done,
    updated: updates.done,
    inserted: inserts.done,
    moved: [...deletes.moved, ...updates.moved, ...inserts.moved],
    ...(refused.length === 0 ? {} : { refused }),
  }
}

interface Step {
  readonly done: number
  readonly moved: readonly Moved[]
  readonly refused: readonly Refused[]
}

const untouched: Step = { done: 0, moved: [], refused: [] }

async function applyDeletes(session: Session, target: Target, { deletes, key }: ChangeSet): Promise<Step> {
  const cells = stagedCells(columnsOf(target, deletes))
  const typed = await loadTyped(session, 'deletes', cells, deletes)
  const keyed = keyCells(cells, key)
  return await settled(session, 'delete', typed, keyed, await deleteRows(session, target, typed, keyed))
}

async function applyUpdates(session: Session, target: Target, { updates, key }: ChangeSet): Promise<Step> {
  const half = updates.columns.length / 2
  const columns = updates.columns.slice(0, half).map(({ name }) => columnOf(target.relation, name))
  const before = stagedCells(columns, 'b', half)
  const typed = await loadTyped(session, 'updates', [...stagedCells(columns), ...before], updates)
  const keyed = keyCells(before, key)
  return await settled(session, 'update', typed, keyed, await updateRows(session, target, typed, keyed))
}

async function applyInserts(session: Session, target: Target, { inserts, key }: ChangeSet): Promise<Step> {
  const cells = stagedCells(columnsOf(target, inserts))
  const typed = await loadTyped(session, 'inserts', cells, inserts)
  const keyed = keyCells(cells, key)
  return await settled(session, 'insert', typed, keyed, await insertAbsentRows(session, target, typed, keyed))
}

/** What is left in the typed table are rows that were not as they should have been; what never came into it does not fit. */
async function settled(session: Session, kind: ChangeKind, typed: Typed, key: readonly StagedCell[], done: number): Promise<Step> {
  const moved = done === typed.rows ? [] : await keysOf(session, typed, key)
  const refused = typed.rows === typed.loaded.rows ? [] : await refusedRows(session, kind, typed.loaded, key)
  return { done, moved: moved.map((one) => ({ kind, key: one })), refused }
}

function columnsOf(target: Target, rows: Rows) {
  return rows.columns.map(({ name }) => columnOf(target.relation, name))
}

function keyCells(cells: readonly StagedCell[], key: readonly string[]): readonly StagedCell[] {
  return key.flatMap((name) => cells.filter(({ column }) => column.column.name === name))
}
