import type { Cells } from '../../csv-cells.ts'
import type { Area } from '../sheet-area.ts'
import { type CellStyles, cellStyles, styleLike } from './cell-styles.ts'
import { cellWriter } from './cells.ts'
import type { FormerSheet } from './former-sheet.ts'
import { spreadsheet } from './new-book.ts'
import type { DateSystem } from './serial.ts'
import { type Content, type Positions, positionsOf, refuseBlank } from './sheet-content.ts'
import { extendedFrame, newFrame, replacedFrame } from './sheet-frame.ts'
import { headerCells, SheetRows } from './sheet-rows.ts'
import type { StyleSheet } from './style-sheet.ts'
import { columnWidths, sampledRows } from './widths.ts'
import { attributeOf, prefixOf } from './xml-edit.ts'

export interface SheetOptions {
  /** The book, for messages. */
  readonly file: string
  readonly system: DateSystem
  readonly styles: StyleSheet
}

/** A sheet that is there: what it is and where its table lies. */
export interface Former {
  readonly sheet: FormerSheet
  /** The number of the header's last row, or of the row above the table. */
  readonly headerRow: number
  readonly hasHeader: boolean
  readonly names: Positions
  /** The bytes of its XML from one offset to another. */
  bytes(from: number, to: number): AsyncIterable<Uint8Array>
}

/** Writes one sheet and knows, once it is written, how far it goes. */
export class SheetWrite {
  readonly #options: SheetOptions
  readonly #content: Content
  #lastRow = 0
  #names: Positions = new Map()

  constructor(content: Content, options: SheetOptions) {
    this.#content = content
    this.#options = options
  }

  /** The number of the last row, once it is written. */
  get lastRow(): number {
    return this.#lastRow
  }

  /** The columns as they then are. */
  get names(): Positions {
    return this.#names
  }

  /** A sheet with nothing but these rows. */
  async *fresh(hasHeader: boolean): AsyncGenerator<Uint8Array> {
    const { columns } = this.#content
    const positions = this.#place(new Map())
    await using batches = await sampled(this.#content.cells())
    const frame = newFrame(
      columnWidths(hasHeader ? columns.map(({ name }) => name) : columns.map(() => ''), batches.sample.flat()),
      hasHeader,
    )
    const header = hasHeader ? `<row r="1">${headerCells(this.#names, 1, () => this.#options.styles.id('header'))}</row>` : ''
    yield Buffer.from(`${frame.head}<sheetData>${header}`)
    yield* this.#rows(positions, new Map(), hasHeader ? 1 : 0, all(batches))
    yield Buffer.from(`</sheetData>${frame.tail}`)
  }

  /** The sheet with these rows in place of its own. */
  async *replacing(former: Former): AsyncGenerator<Uint8Array> {
    const { sheet, headerRow } = former
    const positions = this.#place(former.names)
    await using batches = await sampled(this.#content.cells())
    const names = Array.from({ length: Math.max(...positions) }, (_, index) => this.#names.get(index + 1) ?? '')
    const widths = columnWidths(
      names,
      batches.sample.flat().map((cells) => inColumns(cells, positions, names.length)),
    )
    yield Buffer.from(
      `${replacedFrame(sheet, { ...this.#area(former), lastRow: headerRow }, widths).head}${openRows(sheet)}${sheet.above}${this.#header(former)}`,
    )
    yield* this.#rows(positions, cellStyles(sheet.firstRows), headerRow, all(batches))
    yield Buffer.from(`</sheetData>${replacedFrame(sheet, this.#area(former), widths).tail}`)
  }

  /** The sheet with these rows behind its own. */
  async *extending(former: Former): AsyncGenerator<Uint8Array> {
    const { sheet, headerRow } = former
    const positions = this.#place(former.names)
    yield Buffer.from(`${extendedFrame(sheet, this.#area(former)).head}${openRows(sheet)}${sheet.above}${this.#header(former)}`)
    yield* former.bytes(sheet.headerTo, Math.max(sheet.headerTo, sheet.usedTo))
    yield* this.#rows(positions, cellStyles(sheet.firstRows), Math.max(headerRow, sheet.lastRow), this.#content.cells())
    yield Buffer.from(`</sheetData>${extendedFrame(sheet, this.#area(former)).tail}`)
  }

  #place(there: Positions): readonly number[] {
    const { columns } = this.#content
    const positions = positionsOf(columns, there, this.#options.file)
    this.#names = new Map([...there, ...columns.map(({ name }, index): [number, string] => [positions[index] ?? 0, name])])
    return positions
  }

  async *#rows(
    positions: readonly number[],
    former: CellStyles,
    above: number,
    batches: AsyncIterable<readonly Cells[]>,
  ): AsyncGenerator<Uint8Array> {
    const { file, system, styles } = this.#options
    const writers = this.#content.columns.map((column, index) =>
      cellWriter(column, { file, system, style: (style) => styleLike(former.get(positions[index] ?? 0), style, styles) }),
    )
    const rows = new SheetRows({ file, writers, positions, firstRow: above + 1 })
    for await (const batch of batches) {
      refuseBlank(batch, file)
      for (let at = 0; at < batch.length; at += portion) yield Buffer.from(rows.write(batch.slice(at, at + portion)))
    }
    this.#lastRow = rows.lastRow
  }

  /** From the header down to where the rows end, as far as they are written. */
  #area({ headerRow }: Former): Area {
    return { firstRow: headerRow, lastRow: Math.max(headerRow, this.#lastRow), firstColumn: 1, lastColumn: Math.max(...this.#names.keys()) }
  }

  /** The header as it is, with the names of columns that are new behind it. */
  #header({ sheet, headerRow, hasHeader, names }: Former): string {
    const added = new Map([...this.#names].filter(([at]) => !names.has(at)))
    if (!hasHeader || added.size === 0) return sheet.header
    const { styles } = this.#options
    const like = [...cellStyles(sheet.header).values()].at(-1)
    const cells = headerCells(added, headerRow, () => styleLike(like, 'header', styles))
    const [tag = `<row r="${headerRow}">`] = /^<[^>]*>/.exec(sheet.header) ?? []
    // How many columns a row spans is optional, and would be wrong.
    const open = tag.replace(/\sspans=("[^"]*"|'[^']*')/, '').replace(/\s*\/>$/, '>')
    const name = `${prefixOf(open)}row`
    // Cells of a blank sheet would stand where the names do.
    const content = names.size === 0 || tag.endsWith('/>') ? '' : sheet.header.slice(tag.length, sheet.header.lastIndexOf(`</${name}`))
    return `${open}${content}${cells}</${name}>`
  }
}

/** Rows that become one piece of text: larger pieces cost memory and gain nothing. */
const portion = 500

/** Rows are written without a prefix, whatever the sheet's own. */
function openRows({ prefix, head }: FormerSheet): string {
  if (prefix === '') return '<sheetData>'
  const [root = ''] = /<(?:[\w.-]+:)?worksheet[^>]*>/.exec(head) ?? []
  return `<sheetData xmlns="${attributeOf(root, `xmlns:${prefix.slice(0, -1)}`) ?? spreadsheet}">`
}

interface Sampled extends AsyncDisposable {
  readonly sample: readonly (readonly Cells[])[]
  readonly rest: AsyncIterator<readonly Cells[]>
}

/** The first rows, which the widths of columns are measured by, and what follows. */
async function sampled(batches: AsyncIterable<readonly Cells[]>): Promise<Sampled> {
  const rest = batches[Symbol.asyncIterator]()
  const sample: (readonly Cells[])[] = []
  for (let rows = 0; rows < sampledRows; ) {
    const { value, done } = await rest.next()
    if (done) break
    sample.push(value)
    rows += value.length
  }
  return { sample, rest, [Symbol.asyncDispose]: async () => void (await rest.return?.()) }
}

async function* all({ sample, rest }: Sampled): AsyncGenerator<readonly Cells[]> {
  yield* sample
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

function inColumns(cells: Cells, positions: readonly number[], width: number): Cells {
  const placed = Array.from<string | null>({ length: width }).fill(null)
  for (const [index, cell] of cells.entries()) placed[(positions[index] ?? 1) - 1] = cell
  return placed
}
