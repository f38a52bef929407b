/** Rows and columns of a sheet, both counted from 1 and inclusive; an end that is open goes as far as there are cells. */
export interface Area {
  readonly firstColumn: number
  readonly lastColumn: number
  readonly firstRow: number
  readonly lastRow: number
}

/** What Excel holds at most. */
export const mostRows = 1_048_576
export const mostColumns = 16_384

export const wholeSheet: Area = { firstColumn: 1, lastColumn: Infinity, firstRow: 1, lastRow: Infinity }

/** `A` is 1, `XFD` is 16,384. */
export function columnNumber(letters: string): number {
  let number = 0
  for (const letter of letters.toUpperCase()) number = number * 26 + letter.charCodeAt(0) - 64
  return number
}

export function columnLetters(number: number): string {
  let letters = ''
  for (let left = number; left > 0; left = Math.floor((left - 1) / 26)) letters = String.fromCharCode(65 + ((left - 1) % 26)) + letters
  return letters
}

const corner = String.raw`\$?([A-Za-z]{1,3})?\$?([1-9]\d{0,6})?`
const form = new RegExp(`^${corner}:${corner}$`)

/**
 * Reads `B3:F200`, `B3:F`, `B:F`, `3:200`, `B3:`, with or without `$`; a single cell only where `single` is set.
 * @returns `undefined` for any other text.
 */
export function parseArea(text: string, single = false): Area | undefined {
  const [, fromColumn, fromRow, toColumn, toRow] = form.exec(single && !text.includes(':') ? `${text}:${text}` : text) ?? []
  const columns = ends(fromColumn && columnNumber(fromColumn), toColumn && columnNumber(toColumn))
  const rows = ends(fromRow && Number(fromRow), toRow && Number(toRow))
  if (!columns || !rows || (fromColumn === undefined && fromRow === undefined)) return undefined
  if (columns.first > mostColumns || rows.first > mostRows) return undefined
  return { firstColumn: columns.first, lastColumn: columns.last, firstRow: rows.first, lastRow: rows.last }
}

/** `undefined` where only the end is given: `B:7` names no corners. */
function ends(from: number | '' | undefined, to: number | '' | undefined) {
  if (!from) return to ? undefined : { first: 1, last: Infinity }
  return to ? { first: Math.min(from, to), last: Math.max(from, to) } : { first: from, last: Infinity }
}

/** A formula that names an area of one sheet: `'My ''sheet'!$A$1:$F$20`. */
export function parseReference(formula: string): { readonly sheet: string; readonly area: Area } | undefined {
  const [, quoted, bare, cells = ''] = /^=?(?:'((?:[^']|'')+)'|([^'!]+))!([^!,]+)$/.exec(formula.trim()) ?? []
  const area = parseArea(cells, true)
  const sheet = quoted?.replaceAll("''", "'") ?? bare
  return area && sheet !== undefined ? { sheet, area } : undefined
}
