import type { Applied, ChangeSet, Moved } from '../../core/changes.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { quoteNames } from '../sql/quote.ts'
import { bindingOf } from './binding.ts'
import { type Change, eachRow, movedRow, type Outcome, runChange, runChanges, tableColumn } from './change.ts'
import { type LoadTarget, writtenColumn } from './load.ts'
import { hasKey, isAsBefore } from './matching.ts'
import { RefusedRows } from './refused-rows.ts'
import { rowName } from './row-name.ts'
import { applyUpdates } from './update.ts'

/**
 * Applies changes row by row where the row still is as its before image says. Deletes come first, because they free what
 * others may take; inserts last, because updates free such values too. Rows that SQLite refuses are left out.
 * @param deferred references are judged at the commit, because more changes follow; otherwise here, so that the rows are found.
 */
export async function applyChanges(target: LoadTarget, changes: ChangeSet, deferred: boolean): Promise<Applied> {
  const { database } = target
  if (deferred) return await applyRows(target, changes)
  database.exec('PRAGMA defer_foreign_keys = OFF')
  try {
    return await applyRows(target, changes)
  } finally {
    if (database.isOpen && database.isTransaction) database.exec('PRAGMA defer_foreign_keys = ON')
  }
}

async function applyRows(target: LoadTarget, changes: ChangeSet): Promise<Applied> {
  const refused = new RefusedRows(target.database, target.table.ref.name)
  const deleting = changes.deletes.count === 0 ? undefined : await begin(target, changes.deletes, deletion(target, changes), refused)
  const updating = changes.updates.count === 0 ? undefined : await applyUpdates(target, changes, refused)
  const inserting = changes.inserts.count === 0 ? undefined : await begin(target, changes.inserts, insertion(target, changes), refused)
  const settled = await refused.settle()
  const [deleted, updated, inserted] = [deleting, updating, inserting].map((made) => {
    const late = made && settled.outcomes.get(made.change)
    return { changed: (made?.changed ?? 0) + (late?.changed ?? 0), moved: [...(made?.moved ?? []), ...(late?.moved ?? [])] }
  })
  return {
    inserted: inserted?.changed ?? 0,
    updated: updated?.changed ?? 0,
    deleted: deleted?.changed ?? 0,
    moved: [...(deleted?.moved ?? []), ...(updated?.moved ?? []), ...(inserted?.moved ?? [])],
    ...(settled.refused.length === 0 ? {} : { refused: settled.refused }),
  }
}

async function begin(target: LoadTarget, rows: Rows, change: Change, refused: RefusedRows): Promise<Outcome & { readonly change: Change }> {
  const refuse = refused.kind(change, (waiting) => runChanges(change, waiting))
  const moved: Moved[] = []
  let changed = 0
  await eachRow(target, rows, (row) => {
    try {
      if (runChange(change, row)) changed++
      else moved.push(movedRow(change, row))
    } catch (thrown) {
      refuse(row, thrown)
    }
  })
  return { change, changed, moved }
}

function deletion(target: LoadTarget, changes: ChangeSet): Change {
  const columns = changes.deletes.columns.map((column) => tableColumn(target.table, column))
  const condition = isAsBefore({ columns, firstNumber: 1 }, changes.key)
  // Without a key equal rows cannot be told apart: one of them goes.
  const row = rowName(target.table.columns)
  const one = changes.key.length > 0 ? condition : `${row} = (SELECT ${row} FROM ${target.into} WHERE ${condition} LIMIT 1)`
  return {
    kind: 'delete',
    statement: target.database.prepare(`DELETE FROM ${target.into} WHERE ${one}`),
    bindings: columns.map(bindingOf),
    key: places(columns, changes.key),
  }
}

function insertion(target: LoadTarget, changes: ChangeSet): Change {
  const columns = changes.inserts.columns.map((column) => writtenColumn(target.table, column))
  const cells = columns.map((_, index) => `?${index + 1}`).join(', ')
  const found = hasKey({ columns, firstNumber: 1 }, changes.key)
  const absent = found === '' ? '' : ` WHERE NOT EXISTS (SELECT 1 FROM ${target.into} WHERE ${found})`
  const names = quoteNames(columns.map((column) => column.name))
  return {
    kind: 'insert',
    statement: target.database.prepare(`INSERT INTO ${target.into} (${names}) SELECT ${cells}${absent}`),
    bindings: columns.map(bindingOf),
    key: places(columns, changes.key),
  }
}

function places(columns: readonly Column[], names: readonly string[]): readonly number[] {
  return names.map((name) => columns.findIndex((column) => column.name === name))
}
