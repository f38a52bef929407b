import { malformed } from '../file-errors.ts'
import { cellKinds } from './cell-kinds.ts'
import { type HeaderPlace, headerNames, lastHeaderRow, type Merge } from './header.ts'
import { type Area, mostColumns } from './sheet-area.ts'
import { textField } from './text-field.ts'

/** How the cells of a sheet are to be taken. */
export interface SheetPlan {
  /** The file and sheet, for messages. */
  readonly place: string
  readonly area: Area
  readonly header: HeaderPlace
  /** Columns that a record has at least. */
  readonly width: number
  /** What a cell without a value begins with; what follows says why it has none. */
  readonly mark: string
}

const bufferSize = 1 << 20
const brokenText = 'half of a surrogate pair'
const [comma, newline] = [44, 10]

/**
 * Turns the cells of a sheet into records of the `csv` profile. Rows without a value are none; a column without a name
 * counts where it holds values.
 */
export class SheetTable {
  readonly #plan: SheetPlan
  readonly #firstColumn: number
  readonly #headerRows: { readonly row: number; readonly texts: (string | undefined)[] }[] = []
  readonly #kinds: number[] = []
  /** By position, how many cells hold formulas, and how many no value. */
  readonly #formulas: number[] = []
  readonly #invalid: number[] = []
  readonly #merges: Merge[] = []
  #headerDone: boolean
  #width: number
  /** The widest record. */
  #widest = 0
  #row = 0
  /** Position of the cell that was put last in the row under way. */
  #last = -1
  #header: (string | undefined)[] | undefined
  #skipped = false
  #rows = 0
  #longest = 0
  #out = Buffer.allocUnsafeSlow(bufferSize)
  #size = 0
  #full: Uint8Array[] = []
  #fullSize = 0
  #rowStart = 0
  /** Whether some text has line breaks, as far as whoever put it knows. */
  newlines = false

  constructor(plan: SheetPlan) {
    this.#plan = plan
    this.#firstColumn = plan.area.firstColumn
    this.#headerDone = plan.header.in !== 'rows'
    this.#width = plan.header.in === 'list' ? plan.header.names.length : plan.width
  }

  get facts(): { readonly rows: number; readonly longest: number; readonly innerNewlines: boolean } {
    return { rows: this.#rows, longest: this.#longest, innerNewlines: this.newlines }
  }

  /** By position, the kinds of all cells of a column. */
  get kinds(): readonly number[] {
    return this.#kinds
  }

  /** By position, how many cells below the header hold formulas: those without a saved value, too. */
  get formulas(): readonly number[] {
    return this.#formulas
  }

  /** By position, how many cells below the header have no value. */
  get invalidCells(): readonly number[] {
    return this.#invalid
  }

  /** The number of the last row that the sheet lists, wanted or not. */
  get lastRow(): number {
    return this.#row
  }

  /** By position; columns that have neither a name nor a value are `undefined`. */
  get names(): readonly (string | undefined)[] {
    const { header } = this.#plan
    const given = header.in === 'list' ? header.names : headerNames(this.#headerRows, this.#merges, this.#firstColumn)
    return Array.from({ length: Math.max(this.#width, given.length) }, (_, index) => {
      if (given[index]) return given[index]
      return this.#kinds[index] ? `column${index + 1}` : undefined
    })
  }

  /** The number of the last row of the header, or of the row above the records where there is none. */
  get headerRow(): number {
    return this.#headerRows.at(-1)?.row ?? this.#plan.area.firstRow - 1
  }

  /** The plan for another pass, or `undefined` where this one was right: how wide a sheet is shows only at its end. */
  revised(): SheetPlan | undefined {
    const [first] = this.#headerRows
    const { header } = this.#plan
    const last = first && header.in === 'rows' && header.first === undefined ? lastHeaderRow(first.row, this.#merges) : undefined
    const longer = first !== undefined && last !== undefined && last > (this.#headerRows.at(-1)?.row ?? 0)
    const width = Math.max(this.#widest, this.names.length)
    if (!longer && width <= this.#width) return undefined
    return { ...this.#plan, width, ...(longer ? { header: { in: 'rows', first: first.row, last } } : {}) }
  }

  /** Rows come from the top, cells of a row from the left. */
  beginRow(row: number): void {
    if (row <= this.#row) throw this.#wrong(`row ${row} comes after row ${this.#row}`)
    this.#row = row
    this.#last = -1
    this.#rowStart = this.#fullSize + this.#size
    const { area } = this.#plan
    this.#skipped = row < area.firstRow || row > area.lastRow || this.#isAboveHeader(row)
    this.#header = !this.#skipped && this.#isHeader(row) ? [] : undefined
  }

  /** Whether a cell is wanted at all. */
  takes(column: number): boolean {
    return !this.#skipped && column >= this.#firstColumn && column <= this.#plan.area.lastColumn
  }

  /** A cell as a field of CSV; of no length where its text is none. */
  put(column: number, kind: number, bytes: Uint8Array, from: number, to: number): void {
    if (from === to) this.invalid(column, brokenText)
    else if (this.#header) this.#name(column, textOf(bytes, from, to))
    else if (this.#begin(column, kind)) this.#bytes(bytes, from, to)
  }

  /** A cell whose text is ASCII without quotes and commas: numbers, days, booleans. */
  putPlain(column: number, kind: number, text: string): void {
    if (this.#header) this.#name(column, text)
    else if (this.#begin(column, kind)) {
      if (this.#size + text.length > this.#out.length) this.#flush(text.length)
      for (let at = 0; at < text.length; at++) this.#out[this.#size++] = text.charCodeAt(at)
    }
  }

  /** A cell with a text; an empty one is not NULL. */
  putText(column: number, text: string): void {
    if (!text.isWellFormed()) return void this.invalid(column, brokenText)
    if (/[\r\n]/.test(text)) this.newlines = true
    const field = textField(text)
    this.put(column, cellKinds.text, field, 0, field.length)
  }

  /** A cell that has no value, and why: an error of a formula, a day that there is not. */
  invalid(column: number, why: string): void {
    if (this.#header) this.#name(column, why)
    else if (this.#begin(column, cellKinds.invalid)) {
      this.#invalid[this.#last] = (this.#invalid[this.#last] ?? 0) + 1
      const field = textField(this.#plan.mark + why)
      this.#bytes(field, 0, field.length)
    }
  }

  /** Says of a cell, whatever its value, that a formula gave it. */
  formula(column: number): void {
    if (this.#header || !this.takes(column)) return
    const index = column - this.#firstColumn
    this.#formulas[index] = (this.#formulas[index] ?? 0) + 1
  }

  endRow(): void {
    if (this.#header) this.#endHeader(this.#header)
    else if (this.#last >= 0) this.#endRecord()
  }

  #endRecord(): void {
    this.#widest = Math.max(this.#widest, this.#last + 1)
    this.#commas(this.#width - 1 - this.#last)
    this.#byte(newline)
    this.#rows++
    this.#longest = Math.max(this.#longest, this.#fullSize + this.#size - this.#rowStart)
  }

  merge(merge: Merge): void {
    const first = this.#headerRows[0]?.row ?? 0
    const last = this.#headerRows.at(-1)?.row ?? 0
    if (merge.firstRow >= first && merge.firstRow <= last && merge.lastColumn <= mostColumns) this.#merges.push(merge)
  }

  /** What was written since the last call. */
  take(everything = false): readonly Uint8Array[] {
    if (everything && this.#size > 0) this.#flush()
    const full = this.#full
    this.#full = []
    return full
  }

  #isAboveHeader(row: number): boolean {
    const { header } = this.#plan
    return header.in === 'rows' && header.first !== undefined && row < header.first
  }

  #isHeader(row: number): boolean {
    const { header } = this.#plan
    if (this.#headerDone || header.in !== 'rows') return false
    return header.first === undefined || row <= (header.last ?? header.first)
  }

  #endHeader(texts: (string | undefined)[]): void {
    const { header } = this.#plan
    const holds = texts.some((text) => text !== undefined && text !== '')
    if (holds) this.#headerRows.push({ row: this.#row, texts })
    if (header.in !== 'rows') return
    this.#headerDone = header.first === undefined ? holds : this.#row >= (header.last ?? header.first)
    this.#width = Math.max(this.#width, texts.length)
  }

  #name(column: number, text: string): void {
    if (this.#header && this.takes(column)) this.#header[column - this.#firstColumn] = text
  }

  /** Leaves the place of what comes before the cell. */
  #begin(column: number, kind: number): boolean {
    if (!this.takes(column)) return false
    const index = column - this.#firstColumn
    if (index <= this.#last) throw this.#wrong(`the cells of row ${this.#row} are not in order`)
    if (this.#plan.header.in === 'list' && index >= this.#width) throw this.#tooWide(column)
    this.#commas(this.#last < 0 ? index : index - this.#last)
    this.#last = index
    this.#kinds[index] = (this.#kinds[index] ?? 0) | kind
    return true
  }

  #commas(count: number): void {
    for (let left = count; left > 0; left--) this.#byte(comma)
  }

  #bytes(bytes: Uint8Array, from: number, to: number): void {
    if (this.#size + to - from > this.#out.length) this.#flush(to - from)
    for (let at = from; at < to; at++) this.#out[this.#size++] = bytes[at] ?? 0
  }

  #byte(byte: number): void {
    if (this.#size === this.#out.length) this.#flush()
    this.#out[this.#size++] = byte
  }

  #flush(least = 0): void {
    this.#full.push(this.#out.subarray(0, this.#size))
    this.#fullSize += this.#size
    this.#out = Buffer.allocUnsafeSlow(Math.max(bufferSize, least))
    this.#size = 0
  }

  #tooWide(column: number) {
    const { place, header } = this.#plan
    const names = header.in === 'list' ? header.names.length : 0
    const where = `row ${this.#row} has a value in column ${column}`
    return malformed({ file: place }, `expected ${names} columns, as \`header\` lists them: ${where}`, 'list more names, or bound `range:`')
  }

  #wrong(what: string) {
    return malformed({ file: this.#plan.place }, `expected rows and cells in their order: ${what}`, 'save the book again')
  }
}

function textOf(bytes: Uint8Array, from: number, to: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text
}
