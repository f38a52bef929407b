import { posix } from 'node:path'
import { relationshipsPart } from '../relationships.ts'
import type { Workbook } from '../workbook.ts'
import { missingPart } from '../workbook.ts'
import type { Entry, Package } from '../zip.ts'
import { plainStyles, stylesPart, stylesType } from './new-book.ts'
import { partText, textBytes } from './part-text.ts'
import { StyleSheet } from './style-sheet.ts'
import { freeRelationship, withoutRelationship, withoutType, withRelationship, withType } from './workbook-part.ts'
import type { Part } from './zip-writer.ts'

const contentTypes = '[Content_Types].xml'

/** The parts of a book while one of its sheets is written: whatever is not edited is copied as it lies. */
export class BookParts {
  readonly styles: StyleSheet
  readonly #book: Package
  readonly #workbook: Workbook
  /** Parts as they are so far, by the name of their entry. */
  readonly #edited = new Map<string, string>()
  readonly #dropped = new Set<string>()

  static async open(book: Package, workbook: Workbook): Promise<BookParts> {
    const { styles } = workbook
    const sheet = new StyleSheet(styles ? await partText(book, styles) : plainStyles, book.name)
    const parts = new BookParts(book, workbook, sheet)
    if (!styles) await parts.#link('styles', stylesPart, stylesType)
    return parts
  }

  private constructor(book: Package, workbook: Workbook, styles: StyleSheet) {
    this.#book = book
    this.#workbook = workbook
    this.styles = styles
  }

  /** @throws RunError where the book has no such part. */
  entry(name: string): Entry {
    const entry = this.#book.find(name)
    if (!entry) throw missingPart(this.#book, name)
    return entry
  }

  async edit(name: string, change: (xml: string) => string): Promise<void> {
    const entry = this.entry(name)
    const before = this.#edited.get(entry.name) ?? (await partText(this.#book, entry))
    const after = change(before)
    if (after !== before) this.#edited.set(entry.name, after)
  }

  async editWorkbook(change: (xml: string) => string): Promise<void> {
    await this.edit(this.#workbook.part, change)
  }

  /** Makes room for one more sheet. @returns its part, and the relationship that leads to it. */
  async addSheet(type: string): Promise<{ readonly part: string; readonly relationship: string }> {
    const folder = posix.dirname(this.#workbook.sheets.find(({ part }) => part !== undefined)?.part ?? 'xl/worksheets/sheet1.xml')
    let number = this.#workbook.sheets.length + 1
    while (this.#book.find(`${folder}/sheet${number}.xml`)) number++
    const part = `${folder}/sheet${number}.xml`
    return { part, relationship: await this.#link('worksheet', part, type) }
  }

  /** Takes away a part that the workbook leads to, where there is one. */
  async drop(kind: string, part: string | undefined): Promise<void> {
    if (part === undefined) return
    this.#dropped.add(this.entry(part).name)
    await this.edit(relationshipsPart(this.#workbook.part), (xml) => withoutRelationship(xml, kind))
    await this.edit(contentTypes, (xml) => withoutType(xml, part))
  }

  /**
   * All parts, the sheet behind those that are known before it is written.
   * @param late names of parts that `finish` may edit, besides the workbook and its styles.
   * @param finish is awaited once the sheet is written.
   */
  async *withSheet(sheet: Part & { readonly name: string }, late: readonly string[], finish: () => Promise<void>): AsyncGenerator<Part> {
    const styles = this.#workbook.styles?.name ?? stylesPart
    const last = new Set([this.#workbook.part, styles, ...late])
    for (const entry of this.#book.entries) {
      if (entry.name !== sheet.name && !last.has(entry.name) && !this.#dropped.has(entry.name)) yield this.#part(entry)
    }
    yield sheet
    await finish()
    if (!this.#workbook.styles) yield { name: styles, content: () => textBytes(this.styles.xml) }
    else if (this.styles.isChanged) this.#edited.set(styles, this.styles.xml)
    for (const entry of this.#book.entries) if (last.has(entry.name)) yield this.#part(entry)
  }

  #part(entry: Entry): Part {
    const edited = this.#edited.get(entry.name)
    return edited === undefined ? { entry, raw: this.#book.raw(entry) } : { name: entry.name, content: () => textBytes(edited) }
  }

  async #link(kind: string, part: string, type: string): Promise<string> {
    const file = this.#book.name
    let id = ''
    await this.edit(relationshipsPart(this.#workbook.part), (xml) => {
      id = freeRelationship(xml)
      return withRelationship(xml, { id, kind, target: posix.relative(posix.dirname(this.#workbook.part), part) }, file)
    })
    await this.edit(contentTypes, (xml) => withType(xml, part, type, file))
    return id
  }
}
