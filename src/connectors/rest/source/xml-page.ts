import type { TextDecoder as Decoder } from 'node:util'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { decoded, pageDecoder } from './csv-page.ts'
import type { Json } from './exact-json.ts'
import { PageError, type PageListener, type PageReader } from './page-reader.ts'
import type { ValuePath } from './value-path.ts'

/** Characters of one row that are held at once. */
const largest = 16 * 1024 * 1024

export interface XmlPageOptions {
  /** Names of elements from the root down; every element that they lead to is a row. */
  readonly rows: ValuePath
  /** The text of elements beside the rows; the last step may be an attribute, `@name`. */
  readonly facts: Readonly<Record<string, ValuePath>>
  /** Of the answer's head; the XML's own declaration counts where it is left out. */
  readonly encoding: string | undefined
}

/** An element that is open within a row. */
interface Element {
  readonly members: Map<string, Json>
  text: string
}

/**
 * XML: of a row every attribute is a column `@name`, every child element a column by its name. A child with nothing but text is
 * that text, `xsi:nil` is NULL, one with attributes or children of its own is a document, children of one name are an array.
 * Entities of a DTD are not known, so that none can grow.
 */
export class XmlPage implements PageReader {
  readonly #options: XmlPageOptions
  readonly #listener: PageListener
  readonly #parser = new SaxesParser()
  #decoder: Decoder | undefined
  #head: Buffer = Buffer.alloc(0)
  readonly #path: string[] = []
  readonly #row: Element[] = []
  #size = 0
  /** How many steps of the way to the rows were found, at most. */
  #found = 0
  #fact = ''

  constructor(options: XmlPageOptions, listener: PageListener) {
    this.#options = options
    this.#listener = listener
    this.#parser.on('opentag', (tag) => this.#open(tag))
    this.#parser.on('closetag', () => this.#close())
    this.#parser.on('text', (text) => this.#text(text))
    this.#parser.on('cdata', (text) => this.#text(text))
    this.#parser.on('error', (cause) => {
      throw new PageError(`expected XML, found something else in line ${this.#parser.line}`, { cause })
    })
  }

  write(chunk: Uint8Array): void {
    if (this.#decoder) {
      this.#parse(decoded(this.#decoder, chunk))
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    if (this.#head.length >= 256) this.#begin()
  }

  finish(): void {
    if (!this.#decoder) this.#begin()
    if (this.#decoder) this.#parse(decoded(this.#decoder))
    try {
      this.#parser.close()
    } catch (cause) {
      throw new PageError('the XML is cut short: an element is not closed', { again: true, cause })
    }
    const { rows } = this.#options
    if (this.#found < rows.steps.length - 1) throw rowsNotFound(rows)
  }

  #parse(text: string): void {
    this.#parser.write(text)
  }

  /** The declaration, or the answer's head, says how the bytes are to be read. */
  #begin(): void {
    const declared = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(this.#head.toString('latin1'))?.[1]
    this.#decoder = pageDecoder(this.#options.encoding ?? declared ?? 'utf-8')
    this.#parse(decoded(this.#decoder, this.#head))
  }

  #open({ name, attributes }: SaxesTagPlain): void {
    this.#path.push(name)
    if (this.#row.length > 0 || this.#isRow()) this.#openInRow(name, attributes)
    else this.#openBeside(attributes)
  }

  #openInRow(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#row.push({ members: new Map(Object.entries(attributes).map(([key, value]) => [`@${key}`, value])), text: '' })
    this.#grow(name.length + Object.values(attributes).reduce((sum, value) => sum + value.length, 0))
  }

  #openBeside(attributes: Readonly<Record<string, string>>): void {
    this.#fact = ''
    for (const [name, { steps }] of Object.entries(this.#options.facts)) {
      const last = steps.at(-1)
      const attribute = last?.kind === 'member' && last.name.startsWith('@') ? attributes[last.name.slice(1)] : undefined
      if (attribute !== undefined && this.#isAt(steps.slice(0, -1))) this.#listener.fact(name, attribute)
    }
  }

  #close(): void {
    const element = this.#row.pop()
    const name = this.#path.at(-1) ?? ''
    const parent = this.#row.at(-1)
    if (element && parent) add(parent.members, name, documentOf(element))
    else if (element) this.#rowDone(element)
    else this.#closeBeside()
    this.#path.pop()
  }

  #closeBeside(): void {
    for (const [name, { steps }] of Object.entries(this.#options.facts)) if (this.#isAt(steps)) this.#listener.fact(name, this.#fact.trim())
    this.#fact = ''
  }

  #rowDone(element: Element): void {
    this.#size = 0
    const value = documentOf(element)
    const row = typeof value === 'string' || value === null ? { '#text': value } : value
    this.#listener.row({ ...(row as Readonly<Record<string, Json>>) })
  }

  #text(text: string): void {
    const element = this.#row.at(-1)
    if (element) element.text += text
    else this.#fact += text
    this.#grow(text.length)
  }

  #grow(by: number): void {
    this.#size = this.#row.length === 0 ? 0 : this.#size + by
    if (this.#size > largest || this.#fact.length > largest)
      throw new PageError(`expected rows of at most ${largest} characters, found a longer one`)
  }

  /** Whether the element that was opened last is a row. */
  #isRow(): boolean {
    const { steps } = this.#options.rows
    const length = this.#path.length
    const isOnWay = length <= steps.length && this.#isAt(steps.slice(0, length))
    if (isOnWay) this.#found = Math.max(this.#found, length)
    return isOnWay && length === steps.length
  }

  #isAt(steps: ValuePath['steps']): boolean {
    return steps.length === this.#path.length && steps.every((step, index) => step.kind === 'member' && step.name === this.#path[index])
  }
}

function documentOf({ members, text }: Element): Json {
  if (members.get('@xsi:nil') === 'true') return null
  if (members.size === 0) return text
  if (text.trim() !== '') members.set('#text', text)
  return Object.fromEntries(members)
}

function add(members: Map<string, Json>, name: string, value: Json): void {
  const before = members.get(name)
  members.set(name, before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value])
}

function rowsNotFound({ text }: ValuePath): PageError {
  return new PageError(`expected rows at ${text}, found no such elements on the way`, {
    code: 'ROWS_NOT_FOUND',
    hint: 'name the elements from the root down: `rows: $.feed.entry`',
  })
}
