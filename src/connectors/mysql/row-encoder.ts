import { canonicalText } from '../../core/canonical.ts'

/**
 * How a cell of a result becomes canonical text:
 * `plain` it is that already and holds nothing that CSV would have to quote · `text` any text · `bytes` raw bytes, to hex ·
 * `boolean` `1` and `0` · `date` · `stamp` a date with a time whose fraction loses its trailing zeros · `instant` the same in UTC ·
 * `time` a time by itself, likewise · `single` a 32-bit float written as a double.
 */
export type CellForm = 'plain' | 'text' | 'bytes' | 'boolean' | 'date' | 'stamp' | 'instant' | 'time' | 'single'

const chunkBytes = 256 * 1024

/** The first byte of a cell is its length, or stands for NULL, or says how many bytes of length follow (manual, "Length-Encoded Integer"). */
const nothing = 0xfb
const lengthBytes: Readonly<Record<number, number>> = { 252: 2, 253: 3, 254: 8 }

const comma = 0x2c
const newline = 0x0a
const quote = 0x22
const plus = 0x2b
const zero = 0x30
const point = 0x2e
const hexDigits = Buffer.from('0123456789abcdef')
const words = [Buffer.from('false'), Buffer.from('true')] as const

/** Characters for which a text is quoted. */
const special = new Uint8Array(256)
for (const letter of ['"', ',', '\n', '\r', '\\']) special[letter.charCodeAt(0)] = 1

/** Writes rows of the text protocol (MySQL manual, "Text Resultset Row") as lines of CSV into chunks of their own memory. */
export class RowEncoder {
  readonly #forms: readonly CellForm[]
  readonly #emit: (chunk: Buffer) => void
  #out = Buffer.allocUnsafeSlow(chunkBytes)
  #at = 0
  /** Columns, by position, with a cell that is no value of its type: a zero date, a boolean of 2. Such cells are written as they are. */
  readonly odd = new Set<number>()
  #column = 0

  constructor(forms: readonly CellForm[], emit: (chunk: Buffer) => void) {
    this.#forms = forms
    this.#emit = emit
  }

  /** One row, whose cells lie from `offset` to `end`. */
  row(from: Buffer, offset: number, end: number): void {
    // No cell becomes longer than twice its bytes and some marks.
    this.#reserve(2 * (end - offset) + 8 * this.#forms.length)
    const forms = this.#forms
    const out = this.#out
    let at = offset
    for (let column = 0; column < forms.length; column++) {
      if (column > 0) out[this.#at++] = comma
      const first = from[at++] ?? 0
      if (first === nothing) continue
      let length = first
      if (first > nothing) {
        length = longLength(from, at - 1)
        at += lengthBytes[first] ?? 0
      }
      this.#column = column
      this.#cell(forms[column] ?? 'text', from, at, at + length)
      at += length
    }
    out[this.#at++] = newline
  }

  /** The last chunk. */
  flush(): void {
    if (this.#at === 0) return
    this.#emit(this.#out.subarray(0, this.#at))
    this.#out = Buffer.allocUnsafeSlow(chunkBytes)
    this.#at = 0
  }

  #reserve(bytes: number): void {
    if (this.#out.length - this.#at >= bytes) return
    if (this.#at > 0) this.#emit(this.#out.subarray(0, this.#at))
    this.#out = Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes))
    this.#at = 0
  }

  #cell(form: CellForm, from: Buffer, start: number, end: number): void {
    if (form === 'plain') this.#copy(from, start, end)
    else if (form === 'text') this.#text(from, start, end)
    else if (form === 'time') this.#copy(from, start, withoutZeros(from, start, end))
    else if (form === 'boolean') this.#boolean(from, start, end)
    else if (form === 'bytes') this.#hex(from, start, end)
    else if (form === 'single') this.#ascii(single(from.toString('latin1', start, end)))
    else this.#stamp(form, from, start, end)
  }

  #stamp(form: 'date' | 'stamp' | 'instant', from: Buffer, start: number, end: number): void {
    if (!isDate(from, start)) this.odd.add(this.#column)
    this.#copy(from, start, withoutZeros(from, start, end))
    if (form !== 'instant') return
    this.#out[this.#at++] = plus
    this.#out[this.#at++] = zero
    this.#out[this.#at++] = zero
  }

  #boolean(from: Buffer, start: number, end: number): void {
    const word = end - start === 1 ? words[(from[start] ?? 0) - zero] : undefined
    if (!word) this.odd.add(this.#column)
    this.#copy(word ?? from, word ? 0 : start, word ? word.length : end)
  }

  #ascii(text: string): void {
    this.#at += this.#out.write(text, this.#at, 'latin1')
  }

  #copy(from: Buffer, start: number, end: number): void {
    const out = this.#out
    let at = this.#at
    for (let index = start; index < end; index++) out[at++] = from[index] ?? 0
    this.#at = at
  }

  /** Copies as long as nothing asks for quotes; what does begins anew, quoted. */
  #text(from: Buffer, start: number, end: number): void {
    if (end - start > 64 || end === start) {
      this.#longText(from, start, end)
      return
    }
    const out = this.#out
    let at = this.#at
    for (let index = start; index < end; index++) {
      const byte = from[index] ?? 0
      if (special[byte] === 1) {
        this.#quoted(from, start, end)
        return
      }
      out[at++] = byte
    }
    this.#at = at
  }

  #longText(from: Buffer, start: number, end: number): void {
    let index = start
    while (index < end && special[from[index] ?? 0] !== 1) index++
    if (index < end || start === end) this.#quoted(from, start, end)
    else this.#at += from.copy(this.#out, this.#at, start, end)
  }

  #quoted(from: Buffer, start: number, end: number): void {
    const out = this.#out
    let at = this.#at
    out[at++] = quote
    for (let index = start; index < end; index++) {
      const byte = from[index] ?? 0
      if (byte === quote) out[at++] = quote
      out[at++] = byte
    }
    out[at++] = quote
    this.#at = at
  }

  #hex(from: Buffer, start: number, end: number): void {
    const out = this.#out
    let at = this.#at
    out[at++] = 0x5c
    out[at++] = 0x78
    for (let index = start; index < end; index++) {
      const byte = from[index] ?? 0
      out[at++] = hexDigits[byte >> 4] ?? 0
      out[at++] = hexDigits[byte & 15] ?? 0
    }
    this.#at = at
  }
}

/** No cell is as long as eight bytes could say. */
function longLength(from: Buffer, at: number): number {
  return from.readUIntLE(at + 1, Math.min(lengthBytes[from[at] ?? 0] ?? 0, 6))
}

/** Where a date or time ends without the zeros at the end of its fraction, of which it has at most six digits. */
function withoutZeros(from: Buffer, start: number, end: number): number {
  const earliest = Math.max(start, end - 7)
  let dot = end - 1
  while (dot >= earliest && from[dot] !== point) dot--
  if (dot < earliest) return end
  let last = end
  while (from[last - 1] === zero) last--
  return from[last - 1] === point ? last - 1 : last
}

const longMonths = 0b1_0101_1010_1010

/** Whether a date is one: MySQL also stores `0000-00-00`, `2024-00-15` and, where a mode allows it, `2024-02-31`. */
function isDate(from: Buffer, start: number): boolean {
  const two = (at: number) => ((from[start + at] ?? 0) - zero) * 10 + (from[start + at + 1] ?? 0) - zero
  const [month, day] = [two(5), two(8)]
  if (month === 0 || day === 0) return false
  const year = two(0) * 100 + two(2)
  if (year === 0) return false
  if (day <= 28) return true
  if (month === 2) return day === 29 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day <= 30 || (longMonths >> month) % 2 === 1
}

function single(text: string): string {
  return canonicalText(Number(text), { kind: 'float', bits: 32 }) ?? text
}
