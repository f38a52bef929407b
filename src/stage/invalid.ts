import { literal } from '../duckdb/sql.ts'
import type { Cell } from './cells.ts'

/** Whether a text of a column says that it is no value (`Column.invalid`). */
export function isInvalid(text: string, mark: string): string {
  return `starts_with(${text}, ${literal(mark)})`
}

/**
 * A cell of a column in which some texts are no values: those fit no type, and people read why there is none. Of the
 * target's own rows they are texts like others.
 */
export function refusingInvalid(cell: Cell, mark: string): Cell {
  const why = (text: string) => `if(${isInvalid(text, mark)}, substr(${text}, ${[...mark].length + 1}), ${text})`
  const text = why(cell.text)
  if (cell.conforming.trusted) return { ...cell, landed: why(cell.landed), text }
  return {
    ...cell,
    text,
    becomes: (name) => `CASE WHEN NOT ${isInvalid(name, mark)} THEN ${cell.becomes(name)} END`,
    mayFail: true,
    invalid: (name) => isInvalid(name, mark),
  }
}
