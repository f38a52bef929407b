import { displayWidth, pad, truncate } from './width.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
}

const gap = '   '
const narrowest = 6
const widest = 60

/**
 * Aligned lines of cells, the titles first where there are any. Columns that do not fit are cut, then left out from the
 * right, which the last line says.
 * @param width cells of the terminal; `Infinity` where there is none.
 */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): readonly string[] {
  const shown = columns.length - hiddenColumns(columns.length, width)
  const widths = fitWidths(naturalWidths(columns.slice(0, shown), rows), width)
  const line = (cells: readonly string[]) =>
    widths
      .map((w, c) => pad(truncate(cells[c] ?? '', w), w, columns[c]?.align))
      .join(gap)
      .trimEnd()
  const titles = columns.some(({ title }) => title !== '') ? [line(columns.map(({ title }) => title))] : []
  const hidden = columns.slice(shown).map(({ title }) => title)
  return [
    ...titles,
    ...rows.map(line),
    ...(hidden.length === 0 ? [] : [truncate(`… ${hidden.length} more columns: ${hidden.join(', ')}`, width)]),
  ]
}

/** Widths that fit: the widest give way first. */
export function fitWidths(natural: readonly number[], width: number): readonly number[] {
  const widths = natural.map((w) => Math.min(w, widest))
  let over = widths.reduce((sum, w) => sum + w, 0) + gap.length * Math.max(0, widths.length - 1) - width
  while (over > 0) {
    const largest = Math.max(...widths)
    if (largest <= narrowest) break
    const next = Math.max(narrowest, ...widths.filter((w) => w < largest))
    const wide = widths.flatMap((w, i) => (w === largest ? [i] : []))
    const step = Math.max(1, Math.min(largest - next, Math.ceil(over / wide.length)))
    for (const i of wide) widths[i] = largest - step
    over -= step * wide.length
  }
  return widths
}

function hiddenColumns(columns: number, width: number): number {
  const fitting = Math.max(1, Math.floor((width + gap.length) / (narrowest + gap.length)))
  return Math.max(0, columns - fitting)
}

function naturalWidths(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ title }, c) => rows.reduce((most, row) => Math.max(most, displayWidth(row[c] ?? '')), displayWidth(title)))
}
