import { canonicalText } from '../../../core/canonical.ts'
import type { ChangeKind } from '../../../core/changes.ts'
import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import type { LedgerKey } from './ledger.ts'

/** One row that is to be inserted, updated or deleted. */
export interface ChangedRow {
  readonly kind: ChangeKind
  readonly columns: readonly Column[]
  readonly cells: readonly Value[]
  /** Of an update: the cells as they were. */
  readonly before?: readonly Value[]
  /** Names of the key's columns; empty where rows have none. */
  readonly keyColumns: readonly string[]
  /** Cells of the key, or of the whole row where there is none. */
  readonly key: readonly Value[]
  /** The same as one text, which also tells equal rows without a key apart. */
  readonly name: LedgerKey
  /** The API's own id of the row, where it assigns one and it is known. */
  readonly id?: string
}

/** The cells as canonical text by column name. */
export function textsOf({ columns, cells }: Pick<ChangedRow, 'columns' | 'cells'>): Readonly<Record<string, string | null>> {
  return Object.fromEntries(columns.map((column, index) => [column.name, canonicalText(cells[index] ?? null, column.type)]))
}

/** What went wrong with one row before it was sent: a part of the request cannot be made of its cells. */
export class UnsendableRow extends Error {
  readonly column: string

  constructor(column: string, problem: string) {
    super(problem)
    this.column = column
  }
}
