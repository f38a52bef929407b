import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'

/** A table that is written: its name, for people, and its columns as a connector knows them. */
export interface TargetColumns<Known extends { readonly column: Column }> {
  readonly table: string
  readonly columns: readonly Known[]
}

/**
 * The names of the columns in the order of the rows' cells: the rows' own, or where the two sides spell names differently, those of
 * the table that came with them.
 */
export function writtenNames(target: string, table: Table, rows: Pick<Rows, 'columns'>): readonly string[] {
  const names = new Set(table.columns.map((column) => column.name))
  const named = rows.columns.every((column) => names.has(column.name))
  if (!named && rows.columns.length !== table.columns.length) {
    throw new RunError({
      code: 'COLUMN_MISMATCH',
      message: `${target}: ${rows.columns.length} columns arrived where ${table.columns.length} were expected`,
    })
  }
  return (named ? rows : table).columns.map((column) => column.name)
}

/** @throws RunError where the table has lost it meanwhile. */
export function columnOfTarget<Known extends { readonly column: Column }>({ table, columns }: TargetColumns<Known>, name: string): Known {
  const found = columns.find(({ column }) => column.name === name)
  if (found) return found
  throw new RunError({
    code: 'COLUMN_NOT_FOUND',
    message: `${table} has no column \`${name}\``,
    hint: 'was it dropped or renamed meanwhile? Run again',
  })
}
