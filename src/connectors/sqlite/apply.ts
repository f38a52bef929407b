import type { Applied, ChangeSet, Moved } from '../../core/changes.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { quoteNames } from '../sql/quote.ts'
import { bindingOf } from './binding.ts'
import { type Change, eachRow, movedRow, nothing, type Outcome, runChange, tableColumn } from './change.ts'
import { type LoadTarget, writtenColumn } from './load.ts'
import { hasKey, isAsBefore } from './matching.ts'
import { applyUpdates } from './update.ts'

/**
 * Applies changes row by row where the row still is as its before image says. Deletes come first, because they free what
 * others may take; inserts last, because updates free such values too.
 */
export async function applyChanges(target: LoadTarget, changes: ChangeSet): Promise<Applied> {
  const deleted = changes.deletes.count === 0 ? nothing : await applyRows(target, changes.deletes, deletion(target, changes))
  const updated = changes.updates.count === 0 ? nothing : await applyUpdates(target, changes)
  const inserted = changes.inserts.count === 0 ? nothing : await applyRows(target, changes.inserts, insertion(target, changes))
  return {
    inserted: inserted.changed,
    updated: updated.changed,
    deleted: deleted.changed,
    moved: [...deleted.moved, ...updated.moved, ...inserted.moved],
  }
}

async function applyRows(target: LoadTarget, rows: Rows, change: Change): Promise<Outcome> {
  const moved: Moved[] = []
  let changed = 0
  await eachRow(target, rows, (row) => {
    if (runChange(change, row)) changed++
    else moved.push(movedRow(change, row))
  })
  return { changed, moved }
}

function deletion(target: LoadTarget, changes: ChangeSet): Change {
  const columns = changes.deletes.columns.map((column) => tableColumn(target.table, column))
  const condition = isAsBefore({ columns, firstNumber: 1 }, changes.key)
  // Without a key equal rows cannot be told apart: one of them goes.
  const one = changes.key.length > 0 ? condition : `rowid = (SELECT rowid FROM ${target.into} WHERE ${condition} LIMIT 1)`
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
