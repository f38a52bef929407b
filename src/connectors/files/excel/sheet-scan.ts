import { malformed } from '../file-errors.ts'
import { cellKinds, kindOfMoment } from './cell-kinds.ts'
import type { Shown } from './number-format.ts'
import { decimalText, isDecimalText, parseNumber } from './number-text.ts'
import { isoMoment, type Moment, momentOf, noDay } from './serial.ts'
import type { SharedStrings } from './shared-strings.ts'
import { mostColumns, mostRows, parseArea } from './sheet-area.ts'
import type { SheetTable } from './sheet-table.ts'
import type { Styles } from './styles.ts'
import { textField } from './text-field.ts'
import { TextScan } from './text-scan.ts'
import { type Token, tokens, XmlScan } from './xml-scan.ts'
import { withoutEscapes, xmlText } from './xml-text.ts'

/** What the cells of a book refer to. */
export interface BookFacts {
  readonly strings: SharedStrings
  readonly styles: Styles
  readonly date1904: boolean
}

const bytesOf = (text: string) => Buffer.from(text)
const [sheetData, mergeCell, row, cell, value, formula, inline] = ['sheetData', 'mergeCell', 'row', 'c', 'v', 'f', 'is'].map(bytesOf)
const [reference, style, type, area] = ['r', 's', 't', 'ref'].map(bytesOf)
const none = new Uint8Array(0)

/** Types of cells by their first two letters; numbers where none is given (ECMA-376, 18.18.11). */
type CellType = 'n' | 's' | 'str' | 'inlineStr' | 'b' | 'e' | 'd'

/** Walks the XML of one sheet and puts its cells into a table. Formulas count by the value that was saved with them. */
export class SheetScan {
  readonly #place: string
  readonly #xml: XmlScan
  readonly #book: BookFacts
  readonly #table: SheetTable
  readonly #inline: TextScan
  #inData = false
  #inRow = false
  #row = 0
  // Of the cell under way.
  #column = 0
  #type: CellType = 'n'
  #style = 0
  #inCell = false
  #inValue = false
  #isDone = false
  #spare: string | undefined
  #hasFormula = false

  constructor(place: string, book: BookFacts, table: SheetTable) {
    this.#place = place
    this.#book = book
    this.#table = table
    this.#xml = new XmlScan(place)
    this.#inline = new TextScan(this.#xml, 'is', place)
  }

  walk(chunk: Uint8Array): void {
    const xml = this.#xml
    xml.push(chunk)
    for (let token = xml.next(); token !== tokens.more; token = xml.next()) {
      if (!this.#inData) this.#outside(token)
      else if (this.#inCell) this.#insideCell(token)
      else this.#insideData(token)
    }
  }

  /** @throws RunError where the sheet is cut short. */
  finish(): void {
    this.#xml.finish()
  }

  #outside(token: Token): void {
    const xml = this.#xml
    if (token !== tokens.open) return
    if (xml.depth === 2 && xml.is(sheetData ?? none)) this.#inData = !xml.isEmpty
    else if (xml.is(mergeCell ?? none)) this.#merge()
  }

  #insideData(token: Token): void {
    const xml = this.#xml
    if (token === tokens.open) {
      if (!this.#inRow && xml.is(row ?? none)) this.#beginRow()
      else if (this.#inRow && xml.is(cell ?? none)) this.#beginCell()
    } else if (token === tokens.close) {
      if (xml.depth === 1) this.#inData = false
      else if (xml.depth === 2 && this.#inRow) this.#endRow()
    }
  }

  #beginRow(): void {
    const index = this.#xml.find(reference ?? none)
    this.#row = index < 0 ? this.#row + 1 : this.#integer(index)
    if (!(this.#row >= 1 && this.#row <= mostRows)) throw this.#wrong('a row has a number that no sheet has')
    this.#column = 0
    this.#table.beginRow(this.#row)
    if (this.#xml.isEmpty) this.#table.endRow()
    else this.#inRow = true
  }

  #endRow(): void {
    this.#inRow = false
    this.#table.endRow()
  }

  #beginCell(): void {
    const xml = this.#xml
    const at = xml.find(reference ?? none)
    this.#column = at < 0 ? this.#column + 1 : this.#columnOf(at)
    if (!(this.#column >= 1 && this.#column <= mostColumns)) throw this.#wrong('a cell stands in a column that no sheet has')
    if (xml.isEmpty) return
    const type_ = xml.find(type ?? none)
    this.#type = type_ < 0 ? 'n' : this.#cellType(type_)
    const styled = xml.find(style ?? none)
    this.#style = styled < 0 ? 0 : this.#integer(styled)
    this.#inCell = true
    this.#inValue = false
    this.#isDone = false
    this.#spare = undefined
    this.#hasFormula = false
  }

  #insideCell(token: Token): void {
    const xml = this.#xml
    if (this.#type === 'inlineStr') {
      const field = this.#inline.take(token)
      if (field !== undefined) this.#text(field, this.#inline.newlines)
    }
    if (token === tokens.open) this.#openInCell()
    else if (token === tokens.text) {
      if (this.#inValue) this.#value(xml.from, xml.to)
    } else if (xml.depth === 3) this.#endCell()
    else if (xml.depth === 4) this.#inValue = false
  }

  #openInCell(): void {
    const xml = this.#xml
    const depth = xml.isEmpty ? xml.depth + 1 : xml.depth
    if (depth !== 5) return
    if (xml.is(value ?? none)) this.#inValue = !xml.isEmpty
    else if (xml.is(formula ?? none)) this.#hasFormula = true
    // A cell that says what it is by what it holds.
    else if (xml.is(inline ?? none) && this.#type !== 'inlineStr') throw this.#wrong('a cell holds a text and says that it holds none')
  }

  #endCell(): void {
    this.#inCell = false
    if (this.#hasFormula) this.#table.formula(this.#column)
    if (this.#isDone || !this.#table.takes(this.#column)) return
    if (this.#spare !== undefined) this.#string(this.#spare)
    else if (this.#type === 'str') this.#text(textField(''), false)
    else if (this.#hasFormula) this.#table.invalid(this.#column, 'a formula without a saved value')
  }

  #value(from: number, to: number): void {
    // The text of such a cell lies in another element; some programs write it as a value, too, and others as nothing else.
    if (this.#type === 'inlineStr') this.#spare = this.#decoded(from, to)
    else this.#onlyValue(from, to)
  }

  #onlyValue(from: number, to: number): void {
    if (this.#isDone) throw this.#wrong('a cell has two values')
    this.#isDone = true
    if (!this.#table.takes(this.#column)) return
    if (this.#type === 'n') this.#number(from, to)
    else if (this.#type === 's') this.#shared(from, to)
    else this.#spelled(this.#decoded(from, to))
  }

  #spelled(text: string): void {
    if (this.#type === 'b') this.#boolean(text.trim())
    else if (this.#type === 'e') this.#table.invalid(this.#column, text)
    else if (this.#type === 'd') this.#moment(isoMoment(text, this.#shown()))
    else this.#string(text)
  }

  #number(from: number, to: number): void {
    const { bytes } = this.#xml
    const shown = this.#shown()
    if (shown === 'number' && isDecimalText(bytes, from, to)) {
      this.#table.put(this.#column, cellKinds.number, bytes, from, to)
      return
    }
    const number = parseNumber(bytes, from, to)
    if (!Number.isFinite(number)) throw this.#wrong(`the number in ${this.#where()} is none`)
    if (shown === 'number') this.#table.putPlain(this.#column, cellKinds.number, decimalText(number))
    else this.#moment(momentOf(number, shown, this.#book.date1904))
  }

  #shown(): Shown {
    return this.#book.styles[this.#style] ?? 'number'
  }

  #moment(moment: Moment | undefined): void {
    if (moment) this.#table.putPlain(this.#column, kindOfMoment(moment), moment.text)
    else this.#table.invalid(this.#column, noDay)
  }

  #shared(from: number, to: number): void {
    const { strings } = this.#book
    if (!strings.find(this.#digits(from, to))) throw this.#wrong(`${this.#where()} refers to a shared text that is missing`)
    if (strings.newlines) this.#table.newlines = true
    this.#put(cellKinds.text, strings.bytes, strings.from, strings.to)
  }

  #boolean(text: string): void {
    if (text !== '0' && text !== '1' && text !== 'true' && text !== 'false') throw this.#wrong(`the boolean in ${this.#where()} is none`)
    this.#table.putPlain(this.#column, cellKinds.boolean, String(text === '1' || text === 'true'))
  }

  #string(escaped: string): void {
    const text = withoutEscapes(escaped)
    if (text.isWellFormed()) this.#text(textField(text), /[\r\n]/.test(text))
    else this.#text(none, false)
  }

  #text(field: Uint8Array, newlines: boolean): void {
    this.#isDone = true
    if (!this.#table.takes(this.#column)) return
    if (newlines) this.#table.newlines = true
    this.#put(cellKinds.text, field, 0, field.length)
  }

  #put(kind: number, bytes: Uint8Array, from: number, to: number): void {
    this.#table.put(this.#column, kind, bytes, from, to)
  }

  #merge(): void {
    const index = this.#xml.find(area ?? none)
    const merged = index < 0 ? undefined : parseArea(this.#attribute(index), true)
    if (merged) this.#table.merge(merged)
  }

  #cellType(index: number): CellType {
    const { bytes } = this.#xml
    const from = this.#xml.valueFrom(index)
    if (this.#xml.valueTo(index) - from === 1) {
      const known = oneLetter[bytes[from] ?? 0]
      if (known !== undefined) return known
    }
    const name = this.#attribute(index)
    if (name === 'str' || name === 'inlineStr') return name
    throw this.#wrong(`the cell in ${this.#where()} is of a type that Excel does not know`)
  }

  /** The letters of `AB12`, whose number must be the row's. */
  #columnOf(index: number): number {
    const { bytes } = this.#xml
    let at = this.#xml.valueFrom(index)
    const to = this.#xml.valueTo(index)
    let column = 0
    for (; at < to; at++) {
      const letter = (bytes[at] ?? 0) & ~32
      if (letter < 65 || letter > 90) break
      column = column * 26 + letter - 64
    }
    if (this.#digits(at, to) !== this.#row) throw this.#wrong(`a cell of row ${this.#row} says that it stands elsewhere`)
    return column
  }

  #integer(index: number): number {
    return this.#digits(this.#xml.valueFrom(index), this.#xml.valueTo(index))
  }

  /** -1 where it is no whole number. */
  #digits(from: number, to: number): number {
    const { bytes } = this.#xml
    let number = 0
    if (from >= to) return -1
    for (let at = from; at < to; at++) {
      const digit = (bytes[at] ?? 0) - 48
      if (digit < 0 || digit > 9) return -1
      number = number * 10 + digit
    }
    return number
  }

  #attribute(index: number): string {
    return xmlText(this.#xml.bytes, this.#xml.valueFrom(index), this.#xml.valueTo(index), this.#place)
  }

  #decoded(from: number, to: number): string {
    return xmlText(this.#xml.bytes, from, to, this.#place, this.#xml.isLiteral)
  }

  #where(): string {
    return `row ${this.#row}, column ${this.#column}`
  }

  #wrong(what: string) {
    return malformed({ file: this.#place }, `expected the cells of a book: ${what}`, 'fetch the file again, or save the book again')
  }
}

const oneLetter: Readonly<Record<number, CellType>> = { 110: 'n', 115: 's', 98: 'b', 101: 'e', 100: 'd' }
