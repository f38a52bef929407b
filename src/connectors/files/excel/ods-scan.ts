import { RunError } from '../../../core/errors.ts'
import { malformed } from '../file-errors.ts'
import { cellKinds, kindOfMoment } from './cell-kinds.ts'
import type { Merge } from './header.ts'
import { decimalText, parseNumber } from './number-text.ts'
import { OdsText } from './ods-text.ts'
import { isoMoment, isoSpan, noDay } from './serial.ts'
import { mostColumns, mostRows } from './sheet-area.ts'
import type { SheetTable } from './sheet-table.ts'
import { type Token, tokens, XmlScan } from './xml-scan.ts'
import { xmlText } from './xml-text.ts'

/** Cells with a value that repetition may make of fewer: `table:number-rows-repeated` says "a million times the same" in a line. */
const mostRepeated = 100_000_000

type Put = (table: SheetTable, column: number) => void

/** Walks the content of an OpenDocument spreadsheet and puts the cells of one sheet into a table (OpenDocument 1.3, part 3, 9). */
export class OdsScan {
  readonly #place: string
  readonly #sheet: string
  readonly #xml: XmlScan
  readonly #table: SheetTable
  readonly #text: OdsText
  /** Depths of what is open, 0 where it is not. */
  #inTable = 0
  #inRow = 0
  #inCell = 0
  #row = 1
  #rowTimes = 1
  #column = 1
  #columnTimes = 1
  #value: ((text: string) => Put) | undefined
  #isFormula = false
  readonly #cells: { readonly column: number; readonly times: number; readonly put: Put }[] = []
  readonly #merges: Merge[] = []
  #repeated = 0

  constructor(place: string, sheet: string, table: SheetTable) {
    this.#place = place
    this.#sheet = sheet
    this.#table = table
    this.#xml = new XmlScan(place)
    this.#text = new OdsText(this.#xml, place)
  }

  walk(chunk: Uint8Array): void {
    const xml = this.#xml
    xml.push(chunk)
    for (let token = xml.next(); token !== tokens.more; token = xml.next()) {
      if (this.#inCell > 0) this.#insideCell(token)
      else if (token === tokens.open) this.#open()
      else if (token === tokens.close) this.#close()
    }
  }

  /** @throws RunError where the content is cut short. */
  finish(): void {
    this.#xml.finish()
  }

  #open(): void {
    const name = this.#name()
    const { isEmpty, depth } = this.#xml
    if (this.#inTable === 0) {
      if (name === 'table' && !isEmpty && this.#attribute('table:name') === this.#sheet) this.#inTable = depth
    } else if (this.#inRow > 0) {
      if (name === 'table-cell' || name === 'covered-table-cell') this.#beginCell()
    } else if (name === 'table-row') {
      this.#rowTimes = this.#times('table:number-rows-repeated')
      this.#column = 1
      this.#inRow = isEmpty ? 0 : depth
      if (isEmpty) this.#endRow()
    }
  }

  #close(): void {
    const { depth } = this.#xml
    if (this.#inRow > depth) {
      this.#inRow = 0
      this.#endRow()
    } else if (this.#inTable > depth) this.#inTable = 0
  }

  #beginCell(): void {
    this.#columnTimes = this.#times('table:number-columns-repeated')
    this.#value = this.#read()
    this.#isFormula = this.#attribute('table:formula') !== undefined
    this.#merged()
    this.#text.begin()
    if (this.#xml.isEmpty) this.#endCell()
    else this.#inCell = this.#xml.depth
  }

  #insideCell(token: Token): void {
    if (token === tokens.close && this.#xml.depth < this.#inCell) {
      this.#inCell = 0
      this.#endCell()
    } else this.#text.take(token)
  }

  #endCell(): void {
    const put = this.#value?.(this.#text.text) ?? (this.#isFormula ? noValue : undefined)
    if (put) this.#cells.push({ column: this.#column, times: this.#columnTimes, put })
    this.#column += this.#columnTimes
    if (put && this.#column > mostColumns + 1) throw this.#wrong('a cell stands in a column that no sheet has')
  }

  #endRow(): void {
    const times = this.#cells.length === 0 ? 0 : this.#rowTimes
    if (times > 0 && this.#row + times > mostRows + 1) throw this.#wrong('a row has a number that no sheet has')
    this.#refuseBomb(times)
    for (let at = 0; at < times; at++) {
      this.#table.beginRow(this.#row + at)
      for (const { column, times, put } of this.#cells) for (let next = column; next < column + times; next++) put(this.#table, next)
      this.#table.endRow()
    }
    // Only now the table knows whether the row was part of its header.
    for (const merge of this.#merges.splice(0)) this.#table.merge(merge)
    this.#row += this.#rowTimes
    this.#cells.length = 0
  }

  #refuseBomb(times: number): void {
    const cells = times * this.#cells.reduce((sum, cell) => sum + cell.times, 0)
    this.#repeated += cells - this.#cells.length
    if (this.#repeated <= mostRepeated) return
    throw new RunError({
      code: 'ZIP_BOMB',
      message: `${this.#place}: more than ${mostRepeated / 1e6} million cells are repetitions of others: no book is like that`,
      hint: 'do not open this file unless you know who made it',
    })
  }

  /** What the cell holds, by its attributes and, for text and errors, by what people see in it. */
  #read(): ((text: string) => Put) | undefined {
    const type = this.#attribute('office:value-type')
    if (this.#attribute('calcext:value-type') === 'error') return (text) => (table, column) => table.invalid(column, text || '#VALUE!')
    switch (type) {
      case undefined:
        return undefined
      case 'float':
      case 'percentage':
      case 'currency':
        return this.#number(this.#attribute('office:value') ?? '')
      case 'boolean':
        return plain(cellKinds.boolean, String(this.#attribute('office:boolean-value') === 'true'))
      case 'date':
        return momentary(isoMoment(this.#attribute('office:date-value') ?? '', 'timestamp'))
      case 'time':
        return momentary(isoSpan(this.#attribute('office:time-value') ?? ''))
      default:
        return this.#string(this.#attribute('office:string-value'))
    }
  }

  #number(text: string): () => Put {
    const bytes = Buffer.from(text)
    const number = parseNumber(bytes, 0, bytes.length)
    if (!Number.isFinite(number)) throw this.#wrong(`the number in row ${this.#row}, column ${this.#column} is none`)
    return plain(cellKinds.number, decimalText(number))
  }

  #string(given: string | undefined): (text: string) => Put {
    return (text) => (table, column) => {
      if (table.takes(column)) table.putText(column, given ?? text)
    }
  }

  #merged(): void {
    const columns = Number(this.#attribute('table:number-columns-spanned') ?? 1)
    const rows = Number(this.#attribute('table:number-rows-spanned') ?? 1)
    if (columns * rows === 1) return
    const [firstRow, firstColumn] = [this.#row, this.#column]
    this.#merges.push({ firstRow, firstColumn, lastRow: firstRow + rows - 1, lastColumn: firstColumn + columns - 1 })
  }

  #times(attribute: string): number {
    const times = Number(this.#attribute(attribute) ?? 1)
    if (Number.isInteger(times) && times >= 1) return times
    throw this.#wrong('a cell or a row is repeated a number of times that is none')
  }

  #name(): string {
    return Buffer.from(this.#xml.bytes.buffer, this.#xml.bytes.byteOffset + this.#xml.from, this.#xml.to - this.#xml.from).toString(
      'latin1',
    )
  }

  #attribute(name: string): string | undefined {
    const index = this.#xml.find(Buffer.from(name))
    return index < 0 ? undefined : xmlText(this.#xml.bytes, this.#xml.valueFrom(index), this.#xml.valueTo(index), this.#place)
  }

  #wrong(what: string) {
    return malformed({ file: this.#place }, `expected the cells of a book: ${what}`, 'fetch the file again, or save the book again')
  }
}

const noValue: Put = (table, column) => table.invalid(column, 'a formula without a saved value')

function plain(kind: number, text: string): () => Put {
  return () => (table, column) => {
    if (table.takes(column)) table.putPlain(column, kind, text)
  }
}

function momentary(moment: ReturnType<typeof isoMoment>): () => Put {
  return moment ? plain(kindOfMoment(moment), moment.text) : () => (table, column) => table.invalid(column, noDay)
}
