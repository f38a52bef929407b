import { type Token, tokens, type XmlScan } from './xml-scan.ts'
import { xmlText } from './xml-text.ts'

/**
 * Collects the text of one cell of OpenDocument: its paragraphs, by line breaks, with the blanks that stand in for several.
 * Comments, drawings and readings (`ruby-text`) are no part of it.
 */
export class OdsText {
  readonly #scan: XmlScan
  readonly #place: string
  /** Depths: where paragraphs of the cell lie, the paragraph that is open, and what is passed over. */
  #level = 0
  #paragraph = 0
  #passedOver = 0
  #paragraphs = 0
  #blank = true
  text = ''

  constructor(scan: XmlScan, place: string) {
    this.#scan = scan
    this.#place = place
  }

  /** A cell is open. */
  begin(): void {
    this.#level = this.#scan.depth + 1
    this.#paragraph = 0
    this.#passedOver = 0
    this.#paragraphs = 0
    this.text = ''
  }

  take(token: Token): void {
    const { depth } = this.#scan
    if (token === tokens.open) {
      if (this.#passedOver === 0) this.#open()
    } else if (token === tokens.close) {
      if (this.#passedOver > depth) this.#passedOver = 0
      if (this.#paragraph > depth) this.#paragraph = 0
    } else if (this.#paragraph > 0 && this.#passedOver === 0) this.#append()
  }

  #open(): void {
    const name = this.#name()
    const { isEmpty, depth } = this.#scan
    if (this.#paragraph > 0) this.#inline(name)
    else if (name === 'p' && (isEmpty ? depth + 1 : depth) === this.#level) {
      if (this.#paragraphs++ > 0) this.text += '\n'
      this.#blank = true
      this.#paragraph = isEmpty ? 0 : depth
    } else if (!isEmpty) this.#passedOver = depth
  }

  #inline(name: string): void {
    if (name === 's') this.text += ' '.repeat(Math.min(this.#count(), 32_767))
    else if (name === 'tab') this.text += '\t'
    else if (name === 'line-break') this.text += '\n'
    else if (!this.#scan.isEmpty && (name === 'annotation' || name === 'ruby-text' || name === 'frame')) this.#passedOver = this.#scan.depth
    else return
    this.#blank = false
  }

  /** Blanks count as one, and as none at the beginning of a paragraph (OpenDocument 1.3, part 3, 6.1.2). */
  #append(): void {
    const { bytes, from, to, isLiteral } = this.#scan
    for (const part of xmlText(bytes, from, to, this.#place, isLiteral).split(/([ \t\n\r]+)/)) {
      const blank = /^[ \t\n\r]/.test(part)
      if (part === '' || (blank && this.#blank)) continue
      this.text += blank ? ' ' : part
      this.#blank = blank
    }
  }

  #count(): number {
    const index = this.#scan.find(Buffer.from('text:c'))
    return index < 0 ? 1 : Number(xmlText(this.#scan.bytes, this.#scan.valueFrom(index), this.#scan.valueTo(index), this.#place))
  }

  #name(): string {
    const { bytes, from, to } = this.#scan
    return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
  }
}
