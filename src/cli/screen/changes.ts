import type { ChangeKind } from '../../core/changes.ts'
import { formatAmount, formatCount } from '../../core/count.ts'
import type { ChangeSample, PlanResult } from '../../core/run.ts'
import { formatCell, formatChange } from './cell.ts'
import { escapeControls } from './escape.ts'
import type { Screen } from './screen.ts'
import { fitWidths } from './table.ts'
import { displayWidth, pad, truncate } from './width.ts'

const marks: Readonly<Record<ChangeKind, string>> = { insert: '+', update: '~', delete: '-' }
const kinds: readonly ChangeKind[] = ['insert', 'update', 'delete']
const gap = '   '
const margin = 4

/** A row that comes or goes: its cells, key first. */
interface RowLine {
  readonly kind: 'insert' | 'delete'
  readonly cells: readonly string[]
}

/** A cell that changes. The key is empty below the first cell of its row. */
interface CellLine {
  readonly kind: 'update'
  readonly cells: readonly string[]
  readonly column: string
  readonly before: string | null
  readonly after: string | null
}

type Line = RowLine | CellLine

/** The columns of the diff, key first. */
interface Layout {
  readonly titles: readonly string[]
  readonly widths: readonly number[]
  readonly alignments: readonly ('left' | 'right')[]
  readonly keys: number
  /** The widest name of a changed column. */
  readonly names: number
}

/** Off a terminal, nothing else bounds the two texts of a change. */
const widestChange = 120

/**
 * The changes that were asked to be shown, key first; of updates only the cells that change. Empty where there are none.
 * @param whole whether cells have their full length where no terminal bounds it.
 */
export function changeLines(result: PlanResult, screen: Screen, whole: boolean): readonly string[] {
  const { columns, samples, counts, details } = result
  if (samples.length === 0) return []
  const key = details.key.map((name) => columns.indexOf(name)).filter((index) => index >= 0)
  const order = [...key, ...columns.map((_, index) => index).filter((index) => !key.includes(index))]
  const lines = kinds
    .flatMap((kind) => samples.filter((sample) => sample.kind === kind))
    .flatMap((sample) => linesOf(sample, order, key, columns))
  const layout = measure(
    lines,
    order.map((index) => escapeControls(columns[index] ?? '')),
    key.length,
    screen.width,
    whole,
  )
  const hidden = counts.inserted + counts.updated + counts.deleted - samples.length
  return [
    screen.style.faint(headLine(layout, screen)),
    ...lines.map((line) => screen.style[line.kind](`  ${marks[line.kind]} ${lineText(line, layout, screen, whole)}`.trimEnd())),
    ...moreLines(layout, order.length, hidden).map(screen.style.faint),
  ]
}

function linesOf(
  { kind, before, after }: ChangeSample,
  order: readonly number[],
  key: readonly number[],
  columns: readonly string[],
): readonly Line[] {
  const row = after ?? before ?? []
  if (kind !== 'update') return [{ kind, cells: order.map((index) => formatCell(row[index] ?? null)) }]
  const changed = order.filter((index) => before?.[index] !== after?.[index])
  return changed.map((index, i) => ({
    kind,
    cells: key.map((k) => (i === 0 ? formatCell(row[k] ?? null) : '')),
    column: escapeControls(columns[index] ?? ''),
    before: before?.[index] ?? null,
    after: after?.[index] ?? null,
  }))
}

/** As many columns as are worth showing in a screen of this width; updates alone need those of the key. */
function measure(lines: readonly Line[], titles: readonly string[], keys: number, width: number, whole: boolean): Layout {
  const rows = lines.some(({ kind }) => kind !== 'update')
  const room = width - margin
  const shown = rows ? Math.min(titles.length, Math.max(keys + 1, Math.floor((room + gap.length) / (8 + gap.length)))) : keys
  const columns = titles.slice(0, shown).map((title, c) => [title, ...lines.map(({ cells }) => cells[c] ?? '')])
  return {
    titles: titles.slice(0, shown),
    widths: fitWidths(
      columns.map((cells) => Math.max(...cells.map(displayWidth))),
      rows ? room : Math.floor(room / 2),
      whole && room === Number.POSITIVE_INFINITY ? room : undefined,
    ),
    alignments: columns.map(([, ...cells]) => (cells.every((cell) => /^-?[\d.]*$/.test(cell)) ? 'right' : 'left')),
    keys,
    names: Math.min(24, Math.max(0, ...lines.map((line) => (line.kind === 'update' ? displayWidth(line.column) : 0)))),
  }
}

function headLine(layout: Layout, { width }: Screen): string {
  return truncate(`${' '.repeat(margin)}${cellsText(layout.titles, layout)}`.trimEnd(), width)
}

/** What the screen had no room for. */
function moreLines(layout: Layout, columns: number, changes: number): readonly string[] {
  const hidden = layout.titles.length > layout.keys ? columns - layout.titles.length : 0
  return [
    ...(hidden > 0 ? [`    … ${formatAmount(hidden, 'more column')}`] : []),
    ...(changes > 0 ? [`    … ${formatCount(changes)} more (--all)`] : []),
  ]
}

function lineText(line: Line, layout: Layout, { width }: Screen, whole: boolean): string {
  if (line.kind !== 'update') return cellsText(line.cells, layout)
  const name = pad(truncate(line.column, layout.names), layout.names)
  const start = [...(layout.keys > 0 ? [cellsText(line.cells, layout)] : []), name].join(gap)
  const room = width === Number.POSITIVE_INFINITY && !whole ? widestChange : width - margin - displayWidth(start) - gap.length
  return start + gap + formatChange(line.before, line.after, Math.max(16, room))
}

function cellsText(cells: readonly string[], { widths, alignments }: Layout): string {
  return cells
    .slice(0, widths.length)
    .map((cell, c) => pad(truncate(cell, widths[c] ?? 0), widths[c] ?? 0, alignments[c]))
    .join(gap)
}
