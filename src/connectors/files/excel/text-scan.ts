import { textField } from './text-field.ts'
import { type Token, tokens, type XmlScan } from './xml-scan.ts'
import { withoutEscapes, xmlText } from './xml-text.ts'

const [plain, rich, reading] = [Buffer.from('t'), Buffer.from('r'), Buffer.from('rPh')]
const nothing = new Uint8Array(0)

/**
 * Collects the characters of a text element (`si`, `is`): those of its runs one after the other, those of readings (`rPh`)
 * left out. Fed with the tokens of a scan as they come.
 */
export class TextScan {
  readonly #scan: XmlScan
  readonly #place: string
  readonly #container: Uint8Array
  /** Depths of what is open: 0 where it is not. */
  #text = 0
  #run = 0
  #reading = 0
  #characters = 0
  #field: Uint8Array | undefined
  #decoded: string | undefined
  /** Whether some text had line breaks. */
  newlines = false

  constructor(scan: XmlScan, container: string, place: string) {
    this.#scan = scan
    this.#place = place
    this.#container = Buffer.from(container)
  }

  /**
   * @returns at the end of an element its text as a field of CSV, of no length where it is no Unicode text; else `undefined`.
   */
  take(token: Token): Uint8Array | undefined {
    if (token === tokens.open) return this.#open()
    if (token === tokens.text) this.#append()
    else return this.#close()
    return undefined
  }

  #open(): Uint8Array | undefined {
    const scan = this.#scan
    if (this.#text === 0) {
      if (!scan.is(this.#container)) return undefined
      if (scan.isEmpty) return textField('')
      this.#text = scan.depth
      this.#field = undefined
      this.#decoded = undefined
    } else if (!scan.isEmpty && this.#reading === 0) this.#inside()
    return undefined
  }

  #inside(): void {
    const scan = this.#scan
    if (scan.is(plain) && scan.depth === (this.#run || this.#text) + 1) this.#characters = scan.depth
    else if (scan.is(reading)) this.#reading = scan.depth
    else if (scan.is(rich)) this.#run = scan.depth
  }

  #close(): Uint8Array | undefined {
    const { depth } = this.#scan
    if (this.#characters > depth) this.#characters = 0
    if (this.#run > depth) this.#run = 0
    if (this.#reading > depth) this.#reading = 0
    if (this.#text <= depth) return undefined
    this.#text = 0
    return this.#field ?? this.#decodedField()
  }

  #decodedField(): Uint8Array {
    const text = withoutEscapes(this.#decoded ?? '')
    if (!text.isWellFormed()) return nothing
    if (/[\r\n]/.test(text)) this.newlines = true
    return textField(text)
  }

  #append(): void {
    if (this.#characters === 0) return
    const { bytes, from, to, isLiteral } = this.#scan
    if (this.#field === undefined && this.#decoded === undefined && !isLiteral) this.#field = plainField(bytes, from, to)
    else this.#decode(xmlText(bytes, from, to, this.#place, isLiteral))
    if (this.#field === undefined && this.#decoded === undefined) this.#decode(xmlText(bytes, from, to, this.#place))
  }

  #decode(piece: string): void {
    const former = this.#field ? Buffer.from(this.#field).toString('utf8').slice(1, -1) : (this.#decoded ?? '')
    this.#field = undefined
    this.#decoded = former + piece
  }
}

/** Text in which nothing has to be decoded, as it lies but in quotes. */
function plainField(bytes: Uint8Array, from: number, to: number): Uint8Array | undefined {
  const field = Buffer.allocUnsafe(to - from + 2)
  field[0] = 34
  for (let at = from, out = 1; at < to; at++, out++) {
    const byte = bytes[at] ?? 0
    // Quotes, entities, line breaks and the beginning of an escape.
    if (byte === 34 || byte === 38 || byte === 10 || byte === 13 || (byte === 95 && bytes[at + 1] === 120)) return undefined
    field[out] = byte
  }
  field[field.length - 1] = 34
  return field
}
