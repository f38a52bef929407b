import type { Column } from '../../core/table.ts'
import { quoteName } from '../sql/quote.ts'

/** Kinds of which one value can be spelled in several ways in SQLite. */
const spelled = new Set(['boolean', 'decimal', 'date', 'time', 'timestamp', 'timestamptz', 'uuid'])

/** Columns of a row as it was read, and the number of the first one's parameter. */
export interface BeforeImage {
  readonly columns: readonly Column[]
  readonly firstNumber: number
}

/**
 * A condition that holds while a row is as its before image says: every cell exactly, whatever the column's collation, NULL
 * with NULL. Another spelling of the same value counts as the same. The key's cells stand first, as the table itself
 * compares them, so that its index finds the row.
 */
export function isAsBefore(image: BeforeImage, key: readonly string[]): string {
  const cells = image.columns.map((column, index) => sameCell(column, image.firstNumber + index))
  return [keyCells(image, key, ({ nullable }) => (nullable ? 'IS' : '=')), ...cells].filter((condition) => condition !== '').join(' AND ')
}

/** A condition that finds the row of a key, as the table itself takes two keys as one. */
export function hasKey(image: BeforeImage, key: readonly string[]): string {
  return keyCells(image, key, () => '=')
}

function keyCells({ columns, firstNumber }: BeforeImage, key: readonly string[], operator: (column: Column) => string): string {
  const cells = columns.map((column, index) => ({ column, number: firstNumber + index }))
  return cells
    .filter(({ column }) => key.includes(column.name))
    .map(({ column, number }) => `${quoteName(column.name)} ${operator(column)} ?${number}`)
    .join(' AND ')
}

function sameCell(column: Column, number: number): string {
  const cell = quoteName(column.name)
  const exact = `${cell} COLLATE BINARY IS ?${number}`
  if (!spelled.has(column.type.kind) && !column.untyped) return exact
  return `(${exact} OR syncline_same('${column.type.kind}', ${cell}, ?${number}))`
}
