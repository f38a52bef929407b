import { isUtf8 } from 'node:buffer'
import { malformed, notUtf8 } from './file-errors.ts'

/** What a JSON value is; `escaped` is a string with escapes in it. */
export const jsonKinds = { string: 1, number: 2, boolean: 4, nested: 8, null: 16, escaped: 32 } as const
export type JsonKind = (typeof jsonKinds)[keyof typeof jsonKinds]

/** Takes the rows of a scan as it meets them. */
export interface JsonSink {
  /** A new row within `bytes`, in place of one that was begun and not ended: its bytes were not all there. */
  begin(bytes: Uint8Array): void
  /** A member of the row: where its name and its value lie, quotes included. @returns `false` where the name came before. */
  member(nameFrom: number, nameTo: number, from: number, to: number, kind: JsonKind): boolean
  /** The row is complete. */
  end(): void
}

const deepest = 1000

/**
 * Walks JSON (RFC 8259): an array of objects, or objects one after the other (NDJSON). Rows are handed over member by
 * member as bytes, so that numbers keep every digit.
 */
export class JsonScan {
  readonly #file: string
  readonly #lines: boolean
  readonly #sink: JsonSink
  #state: 'start' | 'first' | 'row' | 'separator' | 'closed'
  #line = 1
  #bytes: Uint8Array = new Uint8Array(0)
  #size = 0
  /** Whether the value under way has escapes. */
  #escaped = false

  constructor(file: string, format: 'json' | 'ndjson', sink: JsonSink) {
    this.#file = file
    this.#lines = format === 'ndjson'
    this.#sink = sink
    this.#state = this.#lines ? 'row' : 'start'
  }

  /**
   * Walks what is complete at the beginning of `bytes`.
   * @returns where to go on when more bytes have come.
   * @throws RunError naming the line where it is not JSON, or not rows.
   */
  walk(bytes: Uint8Array): number {
    this.#bytes = bytes
    this.#size = bytes.length
    let at = 0
    for (let next = this.#step(at); next >= 0; next = this.#step(at)) at = next
    if (!isUtf8(bytes.subarray(0, at))) throw notUtf8({ file: this.#file, line: this.#line }, bytes.subarray(0, at))
    this.#line += newlinesIn(bytes, at)
    return at
  }

  /** @throws RunError where the file ends too early. */
  finish(left: Uint8Array): void {
    this.#bytes = left
    this.#size = left.length
    if (this.#state === 'closed') return
    if (this.#lines && this.#skip(0) === left.length) return
    if (this.#state === 'start' && this.#skip(0) === left.length)
      throw malformed(this.#place(0), 'expected an array of objects, found nothing')
    throw malformed(this.#place(left.length), 'the file is cut short: it ends within a value', 'fetch the file again')
  }

  /** One step of the outermost structure: -1 where its bytes are not all there. */
  #step(from: number): number {
    const at = this.#skip(from)
    if (at >= this.#size) return at > from ? at : -1
    switch (this.#state) {
      case 'start':
        return this.#open(at)
      case 'first':
        return this.#rowOrEnd(at)
      case 'row':
        return this.#row(at)
      case 'separator':
        return this.#separator(at)
      default:
        throw this.#unexpected(at, 'the end of the file after the array')
    }
  }

  #open(at: number): number {
    const byte = this.#bytes[at]
    if (byte !== 91) throw this.#notAnArray(at, byte)
    this.#state = 'first'
    return at + 1
  }

  #rowOrEnd(at: number): number {
    const closed = this.#bytes[at] === 93
    this.#state = closed ? 'closed' : 'row'
    return closed ? at + 1 : at
  }

  #separator(at: number): number {
    const byte = this.#bytes[at]
    if (byte !== 44 && byte !== 93) throw this.#unexpected(at, '`,` or `]` after a row')
    this.#state = byte === 44 ? 'row' : 'closed'
    return at + 1
  }

  #row(at: number): number {
    if (this.#bytes[at] !== 123) throw this.#unexpected(at, 'an object: every row is one')
    this.#sink.begin(this.#bytes)
    const end = this.#members(at + 1, 0, true)
    if (end < 0) return -1
    this.#sink.end()
    if (!this.#lines) this.#state = 'separator'
    return end
  }

  /** The members of an object, from behind its brace to behind the closing one. */
  #members(from: number, depth: number, top: boolean): number {
    let at = this.#skip(from)
    if (this.#bytes[at] === 125) return at + 1
    for (;;) {
      const end = this.#member(at, depth, top)
      if (end < 0) return -1
      const next = this.#skip(end)
      if (next >= this.#size) return -1
      if (this.#bytes[next] === 125) return next + 1
      if (this.#bytes[next] !== 44) throw this.#unexpected(next, '`,` or `}` after a value')
      at = this.#skip(next + 1)
    }
  }

  /** One name and its value. */
  #member(at: number, depth: number, top: boolean): number {
    if (at >= this.#size) return -1
    if (this.#bytes[at] !== 34) throw this.#unexpected(at, 'a name in double quotes')
    const nameEnd = this.#string(at)
    if (nameEnd < 0) return -1
    const colon = this.#skip(nameEnd)
    if (colon >= this.#size) return -1
    if (this.#bytes[colon] !== 58) throw this.#unexpected(colon, '`:` after a name')
    const from = this.#skip(colon + 1)
    if (from >= this.#size) return -1
    this.#escaped = false
    const to = this.#value(from, depth)
    if (to >= 0 && top && !this.#sink.member(at, nameEnd, from, to, this.#kind(from))) throw this.#duplicate(at)
    return to
  }

  #value(at: number, depth: number): number {
    const byte = this.#bytes[at]
    switch (byte) {
      case 34:
        return this.#string(at)
      case 123:
        return this.#members(at + 1, this.#deeper(at, depth), false)
      case 91:
        return this.#elements(at + 1, this.#deeper(at, depth))
      case 116:
        return this.#word(at, 'true')
      case 102:
        return this.#word(at, 'false')
      case 110:
        return this.#word(at, 'null')
      default:
        return this.#number(at)
    }
  }

  #kind(at: number): JsonKind {
    const byte = this.#bytes[at]
    if (byte === 34) return this.#escaped ? jsonKinds.escaped : jsonKinds.string
    if (byte === 123 || byte === 91) return jsonKinds.nested
    if (byte === 116 || byte === 102) return jsonKinds.boolean
    return byte === 110 ? jsonKinds.null : jsonKinds.number
  }

  #elements(from: number, depth: number): number {
    let at = this.#skip(from)
    if (this.#bytes[at] === 93) return at + 1
    for (;;) {
      if (at >= this.#size) return -1
      const to = this.#value(at, depth)
      if (to < 0) return -1
      const next = this.#skip(to)
      if (next >= this.#size) return -1
      if (this.#bytes[next] === 93) return next + 1
      if (this.#bytes[next] !== 44) throw this.#unexpected(next, '`,` or `]` after a value')
      at = this.#skip(next + 1)
    }
  }

  #string(from: number): number {
    const bytes = this.#bytes
    const size = this.#size
    for (let at = from + 1; at < size; at++) {
      const byte = bytes[at] ?? 0
      if (byte === 34) return at + 1
      if (byte === 92) {
        if (at + (bytes[at + 1] === 117 ? 6 : 2) > size) return -1
        at = this.#escape(at)
        this.#escaped = true
      } else if (byte < 32) {
        throw this.#unexpected(at, 'the end of a text or an escape')
      }
    }
    return -1
  }

  /** @returns the last byte of the escape. */
  #escape(at: number): number {
    const byte = this.#bytes[at + 1]
    if (byte === 117) {
      for (let digit = at + 2; digit < at + 6; digit++) {
        if (!isHex(this.#bytes[digit] ?? 0)) throw this.#unexpected(digit, 'four hexadecimal digits after `\\u`')
      }
      return at + 5
    }
    if (byte === undefined || !escapes.includes(byte)) throw this.#unexpected(at + 1, 'one of " \\ / b f n r t u after a backslash')
    return at + 1
  }

  #number(from: number): number {
    let at = from
    if (this.#bytes[at] === 45) at++
    const whole = this.#digits(at)
    if (whole === at && at < this.#size) throw this.#unexpected(at, 'a value')
    if (whole - at > 1 && this.#bytes[at] === 48) throw this.#unexpected(at, 'a number without leading zeros, or a text in double quotes')
    at = whole
    if (this.#bytes[at] === 46) at = this.#someDigits(at + 1)
    if (this.#bytes[at] === 101 || this.#bytes[at] === 69) {
      const sign = this.#bytes[at + 1]
      at = this.#someDigits(sign === 43 || sign === 45 ? at + 2 : at + 1)
    }
    return at >= this.#size ? -1 : at
  }

  #someDigits(at: number): number {
    const end = this.#digits(at)
    if (end === at && at < this.#size) throw this.#unexpected(at, 'a digit')
    return end
  }

  #digits(from: number): number {
    let at = from
    for (let byte = this.#bytes[at]; byte !== undefined && byte >= 48 && byte <= 57; byte = this.#bytes[at]) at++
    return Math.min(at, this.#size)
  }

  #word(from: number, word: string): number {
    for (let i = 0; i < word.length; i++) {
      if (from + i >= this.#size) return -1
      if (this.#bytes[from + i] !== word.charCodeAt(i)) throw this.#unexpected(from, 'a value')
    }
    return from + word.length
  }

  #skip(from: number): number {
    let at = from
    for (let byte = this.#bytes[at]; byte === 32 || byte === 10 || byte === 13 || byte === 9; byte = this.#bytes[at]) at++
    return at
  }

  #deeper(at: number, depth: number): number {
    if (depth >= deepest) throw malformed(this.#place(at), `expected at most ${deepest} values within each other, found more`)
    return depth + 1
  }

  #notAnArray(at: number, byte: number | undefined): Error {
    if (byte === 123) {
      const hint = 'for one object a line say `format: ndjson`; rows that lie deeper in a document have to be taken out of it first'
      return malformed(this.#place(at), 'expected an array of objects, found an object', hint)
    }
    return this.#unexpected(at, 'an array of objects')
  }

  #duplicate(at: number): Error {
    return malformed(
      this.#place(at),
      'expected every name once in an object, found one twice',
      'of two values of one name none can be preferred; correct the file',
    )
  }

  #unexpected(at: number, expected: string): Error {
    const byte = this.#bytes[at] ?? 0
    const found =
      byte > 32 && byte < 127 && !/[\w"]/.test(String.fromCharCode(byte)) ? `\`${String.fromCharCode(byte)}\`` : 'something else'
    return malformed(this.#place(at), `expected ${expected}, found ${found}`)
  }

  #place(at: number): { readonly file: string; readonly line: number } {
    return { file: this.#file, line: this.#line + newlinesIn(this.#bytes, at) }
  }
}

const escapes = [...'"\\/bfnrt'].map((c) => c.charCodeAt(0))

function isHex(byte: number): boolean {
  return (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)
}

function newlinesIn(bytes: Uint8Array, end: number): number {
  let count = 0
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) count++
  return count
}
