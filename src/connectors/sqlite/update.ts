import type { ChangeSet, Moved } from '../../core/changes.ts'
import type { Value } from '../../core/value.ts'
import { splitUpdateColumns } from '../sql/before-image.ts'
import { bindingOf } from './binding.ts'
import { assignments, boundRow, type Change, eachRow, movedRow, type Outcome, runChange, runChanges, tableColumn } from './change.ts'
import { type LoadTarget, writtenColumn } from './load.ts'
import { type BeforeImage, hasKey, isAsBefore } from './matching.ts'
import { parkingAssignments, whileParked } from './parking.ts'
import type { RefusedRows } from './refused-rows.ts'

/** Updates row by row; rows whose unique values others still hold wait until every other row is done. */
export async function applyUpdates(
  target: LoadTarget,
  changes: ChangeSet,
  refused: RefusedRows,
): Promise<Outcome & { readonly change: Change }> {
  const updating = updateOf(target, changes)
  const { change } = updating
  const refuse = refused.kind(change, (waiting) => exchange(target, updating, waiting))
  const moved: Moved[] = []
  let changed = 0
  await eachRow(target, changes.updates, (row) => {
    try {
      if (runChange(change, row)) changed++
      else moved.push(movedRow(change, row))
    } catch (thrown) {
      refuse(row, thrown)
    }
  })
  return { change, changed, moved }
}

interface Updating {
  readonly change: Change
  readonly key: readonly string[]
  readonly before: BeforeImage
  /** The assignments of the new cells. */
  readonly set: string
}

function updateOf(target: LoadTarget, changes: ChangeSet): Updating {
  const split = splitUpdateColumns(changes.updates.columns)
  const after = split.after.map((column) => writtenColumn(target.table, column))
  const columns = split.before.map((column) => tableColumn(target.table, column))
  const before = { columns, firstNumber: after.length + 1 }
  const set = assignments(after)
  const change: Change = {
    kind: 'update',
    statement: target.database.prepare(`UPDATE ${target.into} SET ${set} WHERE ${isAsBefore(before, changes.key)}`),
    bindings: [...after, ...columns].map(bindingOf),
    key: changes.key.map((name) => after.length + columns.findIndex((column) => column.name === name)),
  }
  return { change, key: changes.key, before, set }
}

/** Rows that exchange unique values: each gives up its own first, then takes what it shall have. */
function exchange(target: LoadTarget, updating: Updating, rows: readonly (readonly Value[])[]): Outcome {
  const { change, key, before, set } = updating
  const parking = parkingAssignments(target.database, target.table, key)
  if (parking === undefined) return runChanges(change, rows)
  const all = `?${change.bindings.length} IS ?${change.bindings.length}`
  const park = {
    ...change,
    statement: target.database.prepare(`UPDATE ${target.into} SET ${parking} WHERE ${isAsBefore(before, key)} AND ${all}`),
  }
  const parked: (readonly Value[])[] = []
  const moved: Moved[] = []
  whileParked(target.database, () => {
    for (const row of rows) {
      if (runChange(park, row)) parked.push(row)
      else moved.push(movedRow(change, row))
    }
  })
  const settle = {
    ...change,
    statement: target.database.prepare(`UPDATE ${target.into} SET ${set} WHERE ${hasKey(before, key)} AND ${all}`),
  }
  for (const row of parked) settle.statement.run(...boundRow(settle, row))
  return { changed: parked.length, moved }
}
