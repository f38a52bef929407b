import type { Column } from '../../core/table.ts'

/**
 * What SQLite knows each row of a table by: the first of its three names that no column has ("ROWIDs and the INTEGER PRIMARY KEY",
 * sqlite.org/lang_createtable.html). Where columns have all of them there is none.
 */
export function rowName(columns: readonly Pick<Column, 'name'>[]): string | undefined {
  const taken = new Set(columns.map(({ name }) => name.toLowerCase()))
  return ['rowid', '_rowid_', 'oid'].find((name) => !taken.has(name))
}
