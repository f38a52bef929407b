import { ConfigError, NotDirectError, RunError } from '../../../../core/errors.ts'
import { mostColumns, mostRows } from '../sheet-area.ts'

/** UTF-16 units that a cell holds (Microsoft, "Excel specifications and limits"). */
export const longestText = 32_767
const longestName = 31

/**
 * @param taken the names that the book's other sheets have.
 * @throws ConfigError where Excel would not take the name.
 */
export function checkSheetName(name: string, taken: readonly string[]): void {
  const wrong = whyNoName(name, taken)
  if (wrong === undefined) return
  throw new ConfigError({
    code: 'BAD_SHEET_NAME',
    message: `\`${name}\` cannot be the name of a sheet: ${wrong}`,
    hint: 'name the sheet after the second `#` of the address, or by `sheet:`',
  })
}

function whyNoName(name: string, taken: readonly string[]): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > longestName) return `it has ${name.length} characters, and Excel takes ${longestName}`
  const [forbidden] = /[[\]:*?/\\]/.exec(name) ?? []
  if (forbidden !== undefined) return `it has a \`${forbidden}\`, and Excel takes none of [ ] : * ? / \\`
  if (/^'|'$/.test(name)) return "it begins or ends with a `'`"
  if (name.toLowerCase() === 'history') return 'Excel keeps that name for itself'
  const other = taken.find((one) => one.toLowerCase() === name.toLowerCase())
  return other === undefined ? undefined : `the book has the sheet \`${other}\`, and Excel takes names that differ in case as one`
}

/** @param end the number of the last column. */
export function checkColumns(file: string, end: number): void {
  if (end > mostColumns) throw cannotHold(file, `${end} columns, and a sheet has ${mostColumns}`, 'leave columns out: `select:`')
}

export function tooManyRows(file: string): RunError {
  return cannotHold(
    file,
    `more rows than a sheet has, which are ${mostRows.toLocaleString('en-US')} with the header`,
    'write several sheets, or a format without such a limit: .csv, .parquet',
  )
}

export function tooLong(file: string, column: string): NotDirectError {
  const {
    code,
    message,
    hint = '',
  } = cannotHold(
    file,
    `a text in column \`${column}\` that is longer than the ${longestText.toLocaleString('en-US')} characters of a cell`,
    'leave the column out (`select:`), or write a format without such a limit: .csv, .parquet',
  )
  // The stage finds out which row it is.
  return new NotDirectError({ code, message, hint })
}

export function cannotHold(file: string, what: string, hint: string): RunError {
  return new RunError({ code: 'CANNOT_HOLD', message: `${file} cannot hold ${what}`, hint })
}
