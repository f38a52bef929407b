import { literal } from '../duckdb/sql.ts'

/** Whether a text of a column says that it is no value (`Column.invalid`). */
export function isInvalid(text: string, mark: string): string {
  return `starts_with(${text}, ${literal(mark)})`
}

/** A text that says that it is no value without its mark: why there is none. Others stay as they are. */
export function withoutMark(text: string, mark: string): string {
  return `if(${isInvalid(text, mark)}, substr(${text}, ${[...mark].length + 1}), ${text})`
}
