import { columnNumber } from '../sheet-area.ts'
import type { CellStyle, StyleSheet } from './style-sheet.ts'
import { attributeOf } from './xml-edit.ts'

/** The styles of one row's cells, by the number of their column. */
export type RowStyles = ReadonlyMap<number, number>

export function rowStyles(row: string): RowStyles {
  const styles = new Map<number, number>()
  for (const [tag] of row.matchAll(/<(?:[\w.-]+:)?c\s[^>]*>/g)) {
    const [, letters] = /^([A-Za-z]{1,3})\d+$/.exec(attributeOf(tag, 'r') ?? '') ?? []
    const style = Number(attributeOf(tag, 's') ?? 0)
    if (letters !== undefined && style > 0) styles.set(columnNumber(letters), style)
  }
  return styles
}

/** The style of a cell: as someone gave it to the column's first cell, where that shows the value for what it is, else a plain one. */
export function styleLike(like: number | undefined, style: CellStyle, sheet: StyleSheet): number {
  if (like === undefined) return sheet.id(style)
  return shows(sheet, like, style) ? like : sheet.id(style)
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
