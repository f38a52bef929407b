import { createHash } from 'node:crypto'
import { canonicalText } from '../../../core/canonical.ts'
import type { ChangeKind, ChangeSet } from '../../../core/changes.ts'
import { RunError } from '../../../core/errors.ts'
import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import type { ChangedRow } from './row.ts'

/** A change before anything is known of what was sent: `name` is the key's text, or what equal rows without a key share. */
export type ReadRow = Omit<ChangedRow, 'id'>

/** The rows of one kind of change as they shall be, or, of deletes, as they were. */
export async function* changedRows(changes: ChangeSet, kind: ChangeKind): AsyncGenerator<ReadRow> {
  const rows = changes[`${kind}s`]
  if (rows.count === 0) return
  if (!rows.batches)
    throw new RunError({ code: 'FORM_NOT_TAKEN', message: 'an API takes rows in batches only, and these cannot be had so' })
  // Updates carry every cell twice: as it shall be, then as it was.
  const columns = kind === 'update' ? rows.columns.slice(0, rows.columns.length / 2) : rows.columns
  const key = changes.key.map((name) => columns.findIndex((column) => column.name === name))
  for await (const batch of rows.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const cells = columns.map((_, index) => batch.cells[index]?.[row] ?? null)
      const known = key.length === 0 ? cells : key.map((index) => cells[index] ?? null)
      const of = key.length === 0 ? columns : key.flatMap((index) => columns[index] ?? [])
      const name = nameOf(known, of, key.length === 0)
      const before = kind === 'update' && { before: columns.map((_, index) => batch.cells[columns.length + index]?.[row] ?? null) }
      yield { kind, columns, cells, ...before, keyColumns: changes.key, key: known, name }
    }
  }
}

function nameOf(cells: readonly Value[], columns: readonly Column[], whole: boolean): string {
  const text = JSON.stringify(cells.map((cell, index) => canonicalText(cell, columns[index]?.type ?? { kind: 'text' })))
  return whole ? createHash('sha256').update(text).digest('hex').slice(0, 32) : text
}
