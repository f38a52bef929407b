/** Where the names of the columns stand. */
export type HeaderPlace =
  /** In the rows from `first` to `last`; in the first row that holds anything where they are left out. */
  | { readonly in: 'rows'; readonly first?: number; readonly last?: number }
  /** Nowhere: the columns are numbered. */
  | { readonly in: 'nothing' }
  | { readonly in: 'list'; readonly names: readonly string[] }

/** Cells that are shown as one, by rows and columns counted from 1. */
export interface Merge {
  readonly firstRow: number
  readonly firstColumn: number
  readonly lastRow: number
  readonly lastColumn: number
}

/** The texts of one header row, by position. */
export interface HeaderRow {
  readonly row: number
  readonly texts: readonly (string | undefined)[]
}

/**
 * The names that stand in header rows, by position, empty where there is none. Those of several rows are joined from the
 * top, `2024 / Q1`; a merged cell names each column it spans.
 */
export function headerNames(rows: readonly HeaderRow[], merges: readonly Merge[], firstColumn: number): readonly string[] {
  const width = Math.max(0, ...rows.map(({ texts }) => texts.length), ...spans(rows, merges, firstColumn))
  return Array.from({ length: width }, (_, index) => {
    const parts = rows.map((row) => textAt(row, index, merges, firstColumn)).filter((text) => text !== '')
    return parts.join(' / ')
  })
}

/** The last row of a header that begins in this row, as merged cells prove it: a cell that spans two rows is no row of data. */
export function lastHeaderRow(row: number, merges: readonly Merge[]): number {
  return Math.max(row, ...merges.filter(({ firstRow }) => firstRow === row).map(({ lastRow }) => lastRow))
}

function textAt({ row, texts }: HeaderRow, index: number, merges: readonly Merge[], firstColumn: number): string {
  const own = texts[index]
  if (own !== undefined) return oneLine(own)
  const column = index + firstColumn
  const merge = merges.find((one) => one.firstRow === row && one.firstColumn <= column && column <= one.lastColumn)
  return oneLine(merge ? (texts[merge.firstColumn - firstColumn] ?? '') : '')
}

/** How far merged header cells with a text go. */
function spans(rows: readonly HeaderRow[], merges: readonly Merge[], firstColumn: number): readonly number[] {
  return rows.flatMap(({ row, texts }) =>
    merges.flatMap((one) =>
      one.firstRow === row && texts[one.firstColumn - firstColumn] !== undefined ? [one.lastColumn - firstColumn + 1] : [],
    ),
  )
}

/** Line breaks in a header only make its cell less wide. */
function oneLine(text: string): string {
  const line = /[\r\n]/.test(text) ? text.trim().replace(/\s*[\r\n]+\s*/g, ' ') : text
  return line.trim() === '' ? '' : line
}
