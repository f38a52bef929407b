import { malformed } from '../../file-errors.ts'
import { type Shown, shownByCode, shownByNumber } from '../number-format.ts'
import { escapedAttribute, unescapedAttribute } from './escape.ts'
import { appended, attributeOf, type Element, findElement, findElements, prefixOf, spliced } from './xml-edit.ts'

/** How a cell shows its value. */
export type CellStyle = 'general' | 'header' | 'text' | 'integer' | 'date' | 'time' | 'time-ms' | 'timestamp' | 'timestamp-ms' | Decimal

export interface Decimal {
  /** Digits behind the point. */
  readonly scale: number
}

const codes: Readonly<Record<Exclude<CellStyle, Decimal>, string>> = {
  general: 'General',
  header: 'General',
  text: '@',
  integer: '0',
  date: 'yyyy-mm-dd',
  time: 'hh:mm:ss',
  'time-ms': 'hh:mm:ss.000',
  timestamp: 'yyyy-mm-dd hh:mm:ss',
  'timestamp-ms': 'yyyy-mm-dd hh:mm:ss.000',
}

/** Formats that every book has under these numbers (ECMA-376 part 1, 18.8.30). */
const builtIn: Readonly<Record<string, number>> = { General: 0, '0': 1, '0.00': 2, '@': 49 }
const firstOwn = 164

/**
 * The styles of a book, to which those that cells need are added. Existing ones keep their numbers, and one that is there
 * already is used again: writing a book twice adds nothing the second time.
 */
export class StyleSheet {
  readonly #former: string
  readonly #file: string
  readonly #known = new Map<string, number>()
  #xml: string

  constructor(xml: string, file: string) {
    this.#former = xml
    this.#xml = xml
    this.#file = file
  }

  get xml(): string {
    return this.#xml
  }

  get isChanged(): boolean {
    return this.#xml !== this.#former
  }

  /** The number that a cell names. */
  id(style: CellStyle): number {
    const bold = style === 'header'
    const code = typeof style === 'string' ? codes[style] : `0.${'0'.repeat(style.scale)}`
    const name = `${code}${bold ? ' bold' : ''}`
    let id = this.#known.get(name)
    if (id === undefined) {
      id = this.#cellFormat(this.#numberFormat(code), bold ? this.#boldFont() : 0)
      this.#known.set(name, id)
    }
    return id
  }

  /** What the number format of a style makes of numbers, and whether it shows whatever is typed as text. */
  format(id: number): { readonly shown: Shown; readonly isText: boolean } {
    const format = findElements(this.#required('cellXfs').content, 'xf')[id]
    const number = Number(attributeOf(format?.tag ?? '', 'numFmtId') ?? 0)
    const own = findElements(findElement(this.#xml, 'numFmts')?.content ?? '', 'numFmt')
    const tag = own.find((one) => Number(attributeOf(one.tag, 'numFmtId')) === number)?.tag
    const code = tag === undefined ? undefined : unescapedAttribute(attributeOf(tag, 'formatCode') ?? '')
    return {
      shown: code === undefined ? shownByNumber(number) : shownByCode(code),
      isText: code === undefined ? number === builtIn['@'] : code === '@',
    }
  }

  #cellFormat(numberFormat: number, font: number): number {
    const formats = this.#required('cellXfs')
    const all = findElements(formats.content, 'xf')
    const found = all.findIndex((format) => isPlain(format, numberFormat, font))
    if (found >= 0) return found
    const applied = `${numberFormat === 0 ? '' : ' applyNumberFormat="1"'}${font === 0 ? '' : ' applyFont="1"'}`
    const parent = findElement(this.#xml, 'cellStyleXfs') ? ' xfId="0"' : ''
    const tag = `<${prefixOf(formats.tag)}xf numFmtId="${numberFormat}" fontId="${font}" fillId="0" borderId="0"${parent}${applied}/>`
    this.#xml = appended(this.#xml, formats, tag)
    return all.length
  }

  #numberFormat(code: string): number {
    const known = builtIn[code]
    if (known !== undefined) return known
    const formats = findElement(this.#xml, 'numFmts')
    const all = formats ? findElements(formats.content, 'numFmt') : []
    const same = all.find(({ tag }) => unescapedAttribute(attributeOf(tag, 'formatCode') ?? '').replaceAll('\\', '') === code)
    if (same) return Number(attributeOf(same.tag, 'numFmtId'))
    const id = Math.max(firstOwn - 1, ...all.map(({ tag }) => Number(attributeOf(tag, 'numFmtId')))) + 1
    const prefix = prefixOf(this.#required('cellXfs').tag)
    const format = `<${prefix}numFmt numFmtId="${id}" formatCode="${escapedAttribute(code)}"/>`
    if (formats) this.#xml = appended(this.#xml, formats, format)
    else {
      // The first of a style sheet's children.
      const { from, tag } = this.#required('styleSheet')
      const at = from + tag.length
      this.#xml = spliced(this.#xml, { from: at, to: at }, `<${prefix}numFmts count="1">${format}</${prefix}numFmts>`)
    }
    return id
  }

  /** The book's first font, which plain cells have, in bold. */
  #boldFont(): number {
    const fonts = this.#required('fonts')
    const all = findElements(fonts.content, 'font')
    const prefix = prefixOf(fonts.tag)
    const content = all[0]?.content ?? ''
    const bold = findElement(content, 'b') ? content : `<${prefix}b/>${content}`
    const found = all.findIndex((font) => font.content === bold)
    if (found >= 0) return found
    this.#xml = appended(this.#xml, fonts, `<${prefix}font>${bold}</${prefix}font>`)
    return all.length
  }

  #required(name: string): Element {
    const found = findElement(this.#xml, name)
    if (found) return found
    throw malformed({ file: this.#file }, `expected the styles of a book, found none called \`${name}\``, 'save the book again')
  }
}

function isPlain({ tag, content }: Element, numberFormat: number, font: number): boolean {
  const is = (name: string, value: number) => Number(attributeOf(tag, name) ?? 0) === value
  const plain = is('numFmtId', numberFormat) && is('fontId', font) && is('fillId', 0) && is('borderId', 0) && is('xfId', 0)
  return plain && content.trim() === '' && attributeOf(tag, 'quotePrefix') === undefined
}
