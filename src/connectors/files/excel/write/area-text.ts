import { type Area, columnLetters } from '../sheet-area.ts'

/** An area with all its ends, as parts of a book name it: `B3:F200`. */
export function formatArea({ firstRow, lastRow, firstColumn, lastColumn }: Area): string {
  return `${columnLetters(firstColumn)}${firstRow}:${columnLetters(lastColumn)}${lastRow}`
}
