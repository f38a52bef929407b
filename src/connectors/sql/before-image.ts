import type { Column } from '../../core/table.ts'

const prefix = 'before:'

/** The columns of `ChangeSet.updates`, told apart: the cells as they shall be, and the cells as they were read. */
export interface UpdateColumns {
  readonly after: readonly Column[]
  /** Named as the table names them. */
  readonly before: readonly Column[]
}

/** Splits the columns of an update set in two; the order of cells is first `after`, then `before`. */
export function splitUpdateColumns(columns: readonly Column[]): UpdateColumns {
  const after = columns.filter((column) => !column.name.startsWith(prefix))
  const before = columns.slice(after.length).map((column) => ({ ...column, name: column.name.slice(prefix.length) }))
  return { after, before }
}
