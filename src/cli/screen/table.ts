import { displayWidth, pad, truncate } from './width.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** Ids and dates are of no use cut. */
  readonly whole?: boolean
}

const gap = '   '
const narrowest = 6
const widest = 60

/**
 * Aligned lines of cells, the titles first. Columns that do not fit are cut, then left out from the right, which the last
 * line says.
 * @param width cells of the terminal; `Infinity` where there is none.
 */
export function table(columns: readonly TableColumn[], rows: readonly (readonly string[])[], width: number): readonly string[] {
  const natural = naturalWidths(columns, rows)
  const least = natural.map((cells, c) => (columns[c]?.whole ? cells : Math.min(cells, narrowest)))
  const shown = fitting(least, width)
  const widths = fitWidths(natural.slice(0, shown), width, widest, least)
  const line = (cells: readonly string[]) =>
    widths
      .map((w, c) => pad(truncate(cells[c] ?? '', w), w, columns[c]?.align))
      .join(gap)
      .trimEnd()
  const hidden = columns.slice(shown).map(({ title }) => title || '…')
  const more = hidden.length === 0 ? [] : [truncate(`… left out: ${hidden.join(', ')}`, width)]
  return [line(columns.map(({ title }) => title)), ...rows.map(line), ...more]
}

/** Widths that fit, none below its least and none above `most`: the widest give way first. */
export function fitWidths(
  natural: readonly number[],
  width: number,
  most = widest,
  least: readonly number[] = natural.map((cells) => Math.min(cells, narrowest)),
): readonly number[] {
  const widths = natural.map((cells, c) => Math.max(Math.min(cells, most), least[c] ?? 0))
  const gaps = gap.length * Math.max(0, widths.length - 1)
  for (let over = sum(widths) + gaps - width; over > 0; over--) {
    const spare = widths.map((cells, c) => (cells > (least[c] ?? narrowest) ? cells : 0))
    const broadest = Math.max(0, ...spare)
    if (broadest === 0) break
    widths[spare.indexOf(broadest)] = broadest - 1
  }
  return widths
}

/** How many columns have room at their least width; one always has. */
function fitting(least: readonly number[], width: number): number {
  let shown = least.length
  while (shown > 1 && sum(least.slice(0, shown)) + gap.length * (shown - 1) > width) shown--
  return shown
}

function naturalWidths(columns: readonly TableColumn[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ title }, c) => rows.reduce((most, row) => Math.max(most, displayWidth(row[c] ?? '')), displayWidth(title)))
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, cells) => total + cells, 0)
}
