import type { StatementSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import type { ChangeKind, Moved } from '../../core/changes.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Value } from '../../core/value.ts'
import { quoteName } from '../sql/quote.ts'
import type { Binding } from './binding.ts'
import type { Bound } from './connection.ts'
import { batchesOf, type LoadTarget } from './load.ts'

/** How one row is changed: its cells to parameters, and the key it has. */
export interface Change {
  readonly kind: ChangeKind
  readonly statement: StatementSync
  readonly bindings: readonly Binding[]
  /** Places of the key's cells among the row's. */
  readonly key: readonly number[]
}

export interface Outcome {
  readonly changed: number
  readonly moved: readonly Moved[]
}

/** Whether the row was found as it was expected, and is changed. */
export function runChange(change: Change, row: readonly Value[]): boolean {
  return Number(change.statement.run(...boundRow(change, row)).changes) > 0
}

export function boundRow({ bindings }: Change, row: readonly Value[]): Bound[] {
  return bindings.map((bind, index) => bind(row[index] ?? null))
}

export function movedRow({ kind, key }: Change, row: readonly Value[]): Moved {
  return { kind, key: key.map((place) => row[place] ?? null) }
}

/** What is told of a refused row: its key, or every cell where it has none. */
export function toldRow({ key }: Change, row: readonly Value[]): readonly Value[] {
  return key.length === 0 ? row : key.map((place) => row[place] ?? null)
}

/** Makes the changes of several rows. */
export function runChanges(change: Change, rows: readonly (readonly Value[])[]): Outcome {
  const moved: Moved[] = []
  for (const row of rows) if (!runChange(change, row)) moved.push(movedRow(change, row))
  return { changed: rows.length - moved.length, moved }
}

/** Calls `action` with every row; between batches the process may do other things, and be told to stop. */
export async function eachRow({ signal }: LoadTarget, rows: Rows, action: (row: readonly Value[]) => void): Promise<void> {
  for await (const batch of batchesOf(rows)) {
    for (let index = 0; index < batch.rows; index++) action(batch.cells.map((column) => column[index] ?? null))
    await setImmediate()
    signal.throwIfAborted()
  }
}

/** The table's own column of that name. */
export function tableColumn(table: Table, column: Column): Column {
  return table.columns.find(({ name }) => name === column.name) ?? column
}

/** `"a" = ?1, "b" = ?2` … */
export function assignments(columns: readonly Column[]): string {
  return columns.map((column, index) => `${quoteName(column.name)} = ?${index + 1}`).join(', ')
}
