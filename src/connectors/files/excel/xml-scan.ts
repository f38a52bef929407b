import { isUtf8 } from 'node:buffer'
import { malformed } from '../file-errors.ts'

/** What an {@link XmlScan} has come to; `more` where its bytes are not all there yet. */
export const tokens = { more: 0, open: 1, close: 2, text: 3 } as const
export type Token = (typeof tokens)[keyof typeof tokens]

const [lt, gt, slash, colon, equals, quote, apostrophe] = [60, 62, 47, 58, 61, 34, 39]
/** The largest tag or text: a cell of Excel holds 32,767 characters. */
const longest = 1 << 26
const cdata = Buffer.from('<![CDATA[')

/**
 * Walks XML in UTF-8 as it comes, token by token, without making text of it: a book's sheets are a hundred megabytes of short
 * elements. Names are local ones, their prefixes left out. A document type is refused, so nothing expands.
 */
export class XmlScan {
  readonly #place: string
  #size = 0
  #at = 0
  #depth = 0
  #ended = false
  #seen = false
  /** Of the tag under way: where its attributes' names and values lie, four numbers each. */
  #attributes = new Int32Array(64)
  #count = 0
  /** What positions refer to, until the next `push`. */
  bytes: Uint8Array = new Uint8Array(0)
  /** Where the local name of a tag, or a text, begins and ends. */
  from = 0
  to = 0
  /** An open tag that is its own end: no `close` follows. */
  isEmpty = false
  /** A text whose `&` is no entity. */
  isLiteral = false

  /** @param place the file and part, for messages. */
  constructor(place: string) {
    this.#place = place
  }

  /** How many elements are open; an open tag counts itself, unless it is empty. */
  get depth(): number {
    return this.#depth
  }

  /** Adds bytes after those that are left. @throws RunError where what was walked is no UTF-8. */
  push(chunk: Uint8Array): void {
    this.#checkWalked()
    const left = this.bytes.subarray(this.#at, this.#size)
    if (left.length > longest) throw this.#wrong('a tag or a text is too long')
    this.bytes = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    this.#size = this.bytes.length
    this.#at = 0
  }

  /** @throws RunError unless the document's outermost element was closed and nothing is left. */
  finish(): void {
    this.#checkWalked()
    if (this.#ended && this.#skipBlanks(this.#at) === this.#size) return
    throw this.#wrong('it is cut short')
  }

  next(): Token {
    for (;;) {
      const token = this.bytes[this.#at] === lt ? this.#markup(this.#at) : this.#characters(this.#at)
      if (token !== undefined) return token
    }
  }

  /** Whether the local name of the tag is this one. */
  is(name: Uint8Array): boolean {
    return this.#same(this.from, this.to, name)
  }

  /** The number of an attribute by its whole name; -1 where it is not there. */
  find(name: Uint8Array): number {
    for (let index = 0; index < this.#count; index++) {
      const from = this.#attributes[index * 4] ?? 0
      const to = this.#attributes[index * 4 + 1] ?? 0
      if (this.#same(from, to, name)) return index
    }
    return -1
  }

  /** The number of an attribute that has a prefix, by its local name. */
  findPrefixed(name: Uint8Array): number {
    for (let index = 0; index < this.#count; index++) {
      const to = this.#attributes[index * 4 + 1] ?? 0
      const from = to - name.length
      if (from > (this.#attributes[index * 4] ?? 0) && this.bytes[from - 1] === colon && this.#same(from, to, name)) return index
    }
    return -1
  }

  valueFrom(index: number): number {
    return this.#attributes[index * 4 + 2] ?? 0
  }

  valueTo(index: number): number {
    return this.#attributes[index * 4 + 3] ?? 0
  }

  /** Text up to the next tag; blanks around the outermost element are passed over (`undefined`). */
  #characters(at: number): Token | undefined {
    const end = this.bytes.indexOf(lt, at)
    if (end < 0) return tokens.more
    this.#at = end
    if (this.#depth > 0) return this.#text(at, end, false)
    this.#onlyBlanks(at, end)
    return undefined
  }

  #markup(at: number): Token | undefined {
    if (at + 1 >= this.#size) return tokens.more
    const second = this.bytes[at + 1]
    if (second === slash) return this.#close(at)
    if (second === 33 || second === 63) return this.#special(at, second)
    return this.#open(at)
  }

  #text(from: number, to: number, literal: boolean): Token {
    this.from = from
    this.to = to
    this.isLiteral = literal
    return tokens.text
  }

  #open(start: number): Token {
    const { bytes } = this
    const size = this.#size
    let to = start + 1
    let from = to
    for (; to < size; to++) {
      const byte = bytes[to] ?? 0
      if (byte === colon) from = to + 1
      else if (byte <= 32 || byte === gt || byte === slash) break
    }
    const end = this.#attributesFrom(to)
    if (end < 0) return tokens.more
    this.isEmpty = bytes[end] === slash
    if (to === from || this.#ended || (this.isEmpty && bytes[end + 1] !== gt)) throw this.#wrong('a tag is no tag')
    this.#seen = true
    this.#at = this.isEmpty ? end + 2 : end + 1
    this.#deepen()
    this.from = from
    this.to = to
    return tokens.open
  }

  #deepen(): void {
    if (!this.isEmpty) this.#depth++
    else if (this.#depth === 0) this.#ended = true
  }

  /** @returns where the attributes end, at `>` or `/`; -1 where the bytes are not all there. */
  #attributesFrom(start: number): number {
    this.#count = 0
    for (let at = start; at >= 0; at = this.#attributeAt(at)) {
      at = this.#skipBlanks(at)
      const byte = this.bytes[at]
      if (byte === gt) return at
      if (byte === slash) return at + 1 < this.#size ? at : -1
      if (byte === undefined) return -1
    }
    return -1
  }

  /** One attribute from its name on. @returns the position behind it, -1 where its bytes are not all there. */
  #attributeAt(start: number): number {
    const { bytes } = this
    let nameTo = start
    while ((bytes[nameTo] ?? 0) > 32 && bytes[nameTo] !== equals) nameTo++
    const sign = this.#skipBlanks(nameTo)
    const opening = this.#skipBlanks(sign + 1)
    if (opening >= this.#size) return -1
    const mark = bytes[opening] ?? 0
    if (bytes[sign] !== equals || (mark !== quote && mark !== apostrophe)) throw this.#wrong('an attribute is none')
    let end = opening + 1
    while (end < this.#size && bytes[end] !== mark) end++
    if (end >= this.#size) return -1
    this.#note(start, nameTo, opening + 1, end)
    return end + 1
  }

  #note(nameFrom: number, nameTo: number, valueFrom: number, valueTo: number): void {
    if (this.#count * 4 === this.#attributes.length) {
      const larger = new Int32Array(this.#attributes.length * 2)
      larger.set(this.#attributes)
      this.#attributes = larger
    }
    const slot = this.#count++ * 4
    this.#attributes[slot] = nameFrom
    this.#attributes[slot + 1] = nameTo
    this.#attributes[slot + 2] = valueFrom
    this.#attributes[slot + 3] = valueTo
  }

  #close(start: number): Token {
    const { bytes } = this
    const size = this.#size
    let at = start + 2
    this.from = at
    for (; at < size && bytes[at] !== gt; at++) if (bytes[at] === colon) this.from = at + 1
    if (at >= size) return tokens.more
    this.#at = at + 1
    this.to = at
    while (this.to > this.from && (bytes[this.to - 1] ?? 0) <= 32) this.to--
    if (this.#depth === 0) throw this.#wrong('an element is closed that was not opened')
    if (--this.#depth === 0) this.#ended = true
    return tokens.close
  }

  /** Comments and processing instructions are passed over (`undefined`), CDATA is text. */
  #special(start: number, second: number): Token | undefined {
    const { bytes } = this
    if (second === 63) return this.#past(start + 2, '?>')
    if (start + 9 > this.#size) return tokens.more
    if (bytes[start + 2] === 45 && bytes[start + 3] === 45) return this.#past(start + 4, '-->')
    if (!this.#same(start, start + 9, cdata)) throw this.#wrong('it declares a document type, which no book does')
    const end = this.#indexOf(']]>', start + 9)
    if (end < 0) return tokens.more
    this.#at = end + 3
    if (this.#depth === 0) throw this.#wrong('text stands outside of its elements')
    return this.#text(start + 9, end, true)
  }

  #past(from: number, mark: string): Token | undefined {
    const end = this.#indexOf(mark, from)
    if (end < 0) return tokens.more
    this.#at = end + mark.length
    return undefined
  }

  #indexOf(mark: string, from: number): number {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset, this.#size).indexOf(mark, from, 'latin1')
  }

  #skipBlanks(from: number): number {
    let at = from
    while (at < this.#size && (this.bytes[at] ?? 0) <= 32) at++
    return at
  }

  /** Before the first element and after the last there may be blanks, and a byte order mark at the beginning. */
  #onlyBlanks(from: number, to: number): void {
    const mark = !this.#seen && this.bytes[from] === 0xef && this.bytes[from + 1] === 0xbb && this.bytes[from + 2] === 0xbf
    for (let at = mark ? from + 3 : from; at < to; at++)
      if ((this.bytes[at] ?? 0) > 32) throw this.#wrong('text stands outside of its elements')
  }

  #same(from: number, to: number, name: Uint8Array): boolean {
    if (to - from !== name.length) return false
    for (let i = 0; i < name.length; i++) if (name[i] !== this.bytes[from + i]) return false
    return true
  }

  #checkWalked(): void {
    checkUtf8(this.bytes.subarray(0, this.#at), this.#place)
  }

  #wrong(what: string) {
    return malformed({ file: this.#place }, `expected the XML of a book: ${what}`, 'fetch the file again, or save the book again')
  }
}

/** @throws RunError where bytes are no UTF-8. */
export function checkUtf8(bytes: Uint8Array, place: string): void {
  if (!isUtf8(bytes)) throw malformed({ file: place }, 'expected text in UTF-8, found bytes that are none', 'save the book again')
}
