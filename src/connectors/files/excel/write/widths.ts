import type { Cells } from '../../csv-cells.ts'

/** Rows that widths are measured by. */
export const sampledRows = 1000
/** Excel's own width, in characters of the book's first font. */
const usual = 8.43
const widest = 60
/** Characters that are as wide as two. */
const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g

/** A width for each column that shows its name and nearly all of its first cells. */
export function columnWidths(names: readonly string[], rows: readonly Cells[]): readonly number[] {
  // Names are bold.
  const widths = names.map((name) => shownLength(name) * 1.1)
  for (const cells of rows.slice(0, sampledRows)) {
    for (let index = 0; index < widths.length; index++) {
      const length = shownLength(cells[index] ?? '')
      if (length > (widths[index] ?? 0)) widths[index] = length
    }
  }
  return widths.map((width) => Math.round(Math.min(widest, Math.max(usual, width + 2)) * 100) / 100)
}

function shownLength(text: string): number {
  const shown = text.length > widest * 4 ? text.slice(0, widest * 4) : text
  const lines = shown.includes('\n') ? shown.split('\n') : [shown]
  return Math.max(...lines.map((line) => line.length + (line.match(wide)?.length ?? 0)))
}
