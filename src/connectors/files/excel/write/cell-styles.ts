import { columnNumber } from '../sheet-area.ts'
import type { CellStyle, StyleSheet } from './style-sheet.ts'
import { attributeOf } from './xml-edit.ts'

/** The styles of some rows' cells, each once, by the number of their column. */
export type CellStyles = ReadonlyMap<number, readonly number[]>

export function cellStyles(rows: string): CellStyles {
  const styles = new Map<number, number[]>()
  for (const [tag] of rows.matchAll(/<(?:[\w.-]+:)?c\s[^>]*>/g)) {
    const [, letters] = /^([A-Za-z]{1,3})\d+$/.exec(attributeOf(tag, 'r') ?? '') ?? []
    const style = Number(attributeOf(tag, 's') ?? 0)
    // A cell without a value says nothing of how one is shown.
    if (letters === undefined || style === 0 || tag.endsWith('/>')) continue
    const known = styles.get(columnNumber(letters))
    if (!known) styles.set(columnNumber(letters), [style])
    else if (!known.includes(style)) known.push(style)
  }
  return styles
}

/** The style of a cell: one that the column's cells have and that shows the value for what it is, else a plain one. */
export function styleLike(like: readonly number[] | undefined, style: CellStyle, sheet: StyleSheet): number {
  return like?.find((one) => shows(sheet, one, style)) ?? sheet.id(style)
}

function shows(sheet: StyleSheet, like: number, style: CellStyle): boolean {
  const { shown, isText } = sheet.format(like)
  switch (style) {
    case 'date':
      return shown === 'date'
    case 'time':
    case 'time-ms':
      return shown === 'clock'
    case 'timestamp':
    case 'timestamp-ms':
      return shown === 'timestamp'
    case 'text':
    case 'header':
      return shown === 'number'
    default:
      return shown === 'number' && !isText
  }
}
