import { malformed } from '../../file-errors.ts'
import { inUtf8 } from './part-text.ts'
import { attributeOf } from './xml-edit.ts'

/** A sheet as it is, as far as its new version needs it; of its rows only the first ones are held. Offsets are of its XML's bytes. */
export interface FormerSheet {
  /** Everything before the rows' element. */
  readonly head: string
  /** Everything behind it. */
  readonly tail: string
  /** The prefix of its elements, colon included; mostly empty. */
  readonly prefix: string
  /** Rows above the header, as they are. */
  readonly above: string
  /** The header, or its last row where it has several, and some rows below it; empty where there are none. */
  readonly header: string
  readonly firstRows: string
  /** Where the rows begin, where the header ends, and where the last row ends that holds a value. */
  readonly rowsFrom: number
  readonly headerTo: number
  readonly usedTo: number
  /** The last row that holds a value, 0 where none does. */
  readonly lastRow: number
  readonly hasFormulas: boolean
}

/** Rows that tell how the cells of a column are shown. */
const sampledRows = 100
/** Bytes of what is held in memory: filters, formats, links of a sheet, and its first rows. */
const largestHeld = 64 << 20

/**
 * Reads a sheet from its beginning to its end.
 * @param header the number of the header's last row, or of the row above the first one of the table where it has no header.
 * @param part the file and part, for messages.
 */
export async function scanFormerSheet(chunks: AsyncIterable<Uint8Array>, header: number, part: string): Promise<FormerSheet> {
  const scan = new SheetScan(header, part)
  for await (const chunk of chunks) scan.take(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1'))
  return scan.finish()
}

/** Bytes as characters of their number, so that positions are offsets and nothing is decoded that is only copied. */
class SheetScan {
  readonly #header: number
  readonly #part: string
  #phase: 'head' | 'rows' | 'tail' = 'head'
  #marks = /(?:)/g
  /** Text that waits for what follows, and where it lies. */
  #text = ''
  #offset = 0
  #head = ''
  #tail = ''
  #prefix = ''
  /** From the first row on, until the rows of interest are whole. */
  #begin = ''
  #begins = true
  #rowsFrom = 0
  #rowsEnd = 0
  #headerFrom = -1
  #firstFrom = -1
  #sampled = 0
  #sampledTo = -1
  #row = 0
  #lastRow = 0
  #usedTo = 0
  #isUsed = false
  #hasFormulas = false

  constructor(header: number, part: string) {
    this.#header = header
    this.#part = part
  }

  take(text: string): void {
    if (this.#phase === 'tail') this.#tail += text
    else {
      this.#text += text
      if (this.#phase === 'head') this.#takeHead()
      if (this.#phase === 'rows') this.#takeRows()
    }
    if (this.#tail.length + this.#begin.length + this.#text.length > largestHeld) throw this.#wrong('it is too large to be edited')
  }

  finish(): FormerSheet {
    if (this.#phase !== 'tail') throw this.#wrong('its rows have no end')
    const end = this.#rowsEnd
    const [sampledTo = end] = [this.#sampledTo].filter(isThere)
    const [firstFrom = end] = [this.#firstFrom].filter(isThere)
    const [headerFrom = firstFrom] = [this.#headerFrom].filter(isThere)
    const rows = (from: number, to: number) => utf8(this.#begin.slice(from - this.#rowsFrom, to - this.#rowsFrom))
    return {
      head: inUtf8(utf8(this.#head)),
      tail: utf8(this.#tail),
      prefix: this.#prefix,
      above: rows(this.#rowsFrom, headerFrom),
      header: rows(headerFrom, firstFrom),
      firstRows: rows(firstFrom, sampledTo),
      rowsFrom: this.#rowsFrom,
      headerTo: firstFrom,
      usedTo: this.#usedTo,
      lastRow: this.#lastRow,
      hasFormulas: this.#hasFormulas,
    }
  }

  #takeHead(): void {
    const found = /<((?:[\w.-]+:)?)sheetData(?:\s[^>]*?)?\/?>/.exec(this.#text)
    if (!found) return
    const [tag, prefix = ''] = found
    this.#prefix = prefix
    this.#head = this.#text.slice(0, found.index)
    this.#rowsFrom = found.index + tag.length
    this.#usedTo = this.#rowsFrom
    this.#rowsEnd = this.#rowsFrom
    this.#offset = this.#rowsFrom
    this.#text = this.#text.slice(this.#rowsFrom)
    if (tag.endsWith('/>')) {
      this.#takeTail(this.#text)
      return
    }
    this.#marks = new RegExp(`<${prefix}(row|v|is|f)(?=[\\s/>])[^>]*>|</${prefix}sheetData\\s*>`, 'g')
    this.#phase = 'rows'
  }

  #takeRows(): void {
    const text = this.#text
    // A tag that is cut off waits for its end.
    const cut = text.lastIndexOf('<')
    const size = cut >= 0 && text.indexOf('>', cut) < 0 ? cut : text.length
    const whole = text.slice(0, size)
    this.#marks.lastIndex = 0
    for (let found = this.#marks.exec(whole); found; found = this.#marks.exec(whole)) {
      const at = this.#offset + found.index
      if (found[1] === undefined) {
        this.#endRows(whole, found.index, text.slice(found.index + found[0].length))
        return
      }
      this.#mark(found[1], found[0], at)
    }
    if (this.#begins) this.#begin += whole
    this.#offset += size
    this.#text = text.slice(size)
    if (this.#sampledTo >= 0) this.#begins = false
  }

  #mark(name: string, tag: string, at: number): void {
    if (name === 'row') this.#beginRow(tag, at)
    else {
      this.#isUsed = true
      this.#lastRow = this.#row
      if (name === 'f') this.#hasFormulas = true
    }
  }

  #beginRow(tag: string, at: number): void {
    this.#endRow(at)
    this.#row = Number(attributeOf(tag, 'r') ?? this.#row + 1)
    if (this.#row < this.#header) return
    if (this.#row === this.#header) this.#headerFrom = at
    else {
      if (this.#firstFrom < 0) this.#firstFrom = at
      if (this.#sampled++ === sampledRows) this.#sampledTo = at
    }
  }

  #endRow(at: number): void {
    if (this.#isUsed) this.#usedTo = at
    this.#isUsed = false
  }

  #endRows(whole: string, index: number, rest: string): void {
    const at = this.#offset + index
    this.#endRow(at)
    this.#rowsEnd = at
    if (this.#begins) this.#begin += whole.slice(0, index)
    this.#takeTail(rest)
  }

  #takeTail(text: string): void {
    this.#phase = 'tail'
    this.#text = ''
    this.#tail = text
  }

  #wrong(what: string) {
    return malformed({ file: this.#part }, `expected a sheet: ${what}`, 'save the book again')
  }
}

function isThere(offset: number): boolean {
  return offset >= 0
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
