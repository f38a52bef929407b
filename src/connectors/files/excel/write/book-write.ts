import { RunError } from '../../../../core/errors.ts'
import type { Logger } from '../../../../core/logger.ts'
import type { Located } from '../../locate.ts'
import { type Relationship, readRelationships } from '../relationships.ts'
import { readWorkbook, type Workbook } from '../workbook.ts'
import { xmlBytes } from '../xml-part.ts'
import { type Entry, openPackage, type Package } from '../zip.ts'
import { BookParts } from './book-parts.ts'
import { escapedAttribute } from './escape.ts'
import { scanFormerSheet } from './former-sheet.ts'
import { checkSheetName } from './limits.ts'
import { bookParts, firstSheet, plainStyles, stylesPart, worksheetType } from './new-book.ts'
import { textBytes } from './part-text.ts'
import type { Content, Positions } from './sheet-content.ts'
import { type Former, SheetWrite } from './sheet-write.ts'
import { StyleSheet } from './style-sheet.ts'
import { fittedTable } from './table-part.ts'
import { withFilteredRows, withFullCalculation, withSheet } from './workbook-part.ts'
import { type Part, zipped } from './zip-writer.ts'

/** A sheet of a book that is to hold rows. */
export interface SheetTarget {
  /** The book, for messages. */
  readonly file: string
  readonly sheet: string
  readonly hasHeader: boolean
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Where the table of a sheet lies that is there. */
export interface Layout {
  /** The number of the header's last row, or of the row above the table. */
  readonly headerRow: number
  readonly names: Positions
}

/** How the rows of a sheet change: others take their place, or more follow them. */
export type Change = 'replacing' | 'extending'

/** A new book of one sheet. */
export function newBook(target: SheetTarget, content: Content): AsyncGenerator<Uint8Array> {
  checkSheetName(target.sheet, [])
  return zipped(newParts(target, content), target.file)
}

/** The book with one sheet more, behind the others. Parts that know nothing of it are copied as they lie. */
export async function* extendedBook(former: Located, target: SheetTarget, content: Content): AsyncGenerator<Uint8Array> {
  await using book = await openPackage(former, target.signal)
  yield* zipped(addedSheet(book, target, content), target.file)
}

/** The book with other rows in one sheet, or with more of them. Parts that know nothing of its rows are copied as they lie. */
export async function* editedBook(
  former: Located,
  target: SheetTarget,
  content: Content,
  { change, layout }: { readonly change: Change; readonly layout: Layout },
): AsyncGenerator<Uint8Array> {
  await using book = await openPackage(former, target.signal)
  const workbook = await readWorkbook(book)
  const write = await SheetEdit.begin(book, workbook, target)
  yield* zipped(write.parts(content, change, layout), target.file)
}

async function* newParts({ file, sheet, hasHeader }: SheetTarget, content: Content): AsyncGenerator<Part> {
  for (const { name, xml } of bookParts(escapedAttribute(sheet))) yield { name, content: () => textBytes(xml) }
  const styles = new StyleSheet(plainStyles, file)
  const write = new SheetWrite(content, { file, system: 1900, styles })
  yield { name: firstSheet, content: () => write.fresh(hasHeader) }
  yield { name: stylesPart, content: () => textBytes(styles.xml) }
}

async function* addedSheet(book: Package, { file, sheet, hasHeader }: SheetTarget, content: Content): AsyncGenerator<Part> {
  refuseSigned(book)
  const workbook = await readWorkbook(book)
  const taken = workbook.sheets.map(({ name }) => name)
  checkSheetName(sheet, taken)
  const parts = await BookParts.open(book, workbook)
  const { part, relationship } = await parts.addSheet(worksheetType)
  await parts.editWorkbook((xml) => withSheet(xml, sheet, relationship, file))
  const write = new SheetWrite(content, { file, system: systemOf(workbook), styles: parts.styles })
  yield* parts.withSheet({ name: part, content: () => write.fresh(hasHeader) }, [], async () => {})
}

/** One sheet of a book that gets other rows, and all that refers to their number. */
class SheetEdit {
  readonly #book: Package
  readonly #workbook: Workbook
  readonly #target: SheetTarget
  readonly #parts: BookParts
  readonly #entry: Entry
  readonly #links: readonly Relationship[]

  static async begin(book: Package, workbook: Workbook, target: SheetTarget): Promise<SheetEdit> {
    refuseSigned(book)
    const parts = await BookParts.open(book, workbook)
    const entry = parts.entry(workbook.sheets.find(({ name }) => name === target.sheet)?.part ?? target.sheet)
    return new SheetEdit(book, workbook, target, { parts, entry, links: await readRelationships(book, entry.name) })
  }

  private constructor(
    book: Package,
    workbook: Workbook,
    target: SheetTarget,
    { parts, entry, links }: { readonly parts: BookParts; readonly entry: Entry; readonly links: readonly Relationship[] },
  ) {
    this.#book = book
    this.#workbook = workbook
    this.#target = target
    this.#parts = parts
    this.#entry = entry
    this.#links = links
  }

  async *parts(content: Content, change: Change, layout: Layout): AsyncGenerator<Part> {
    const { file } = this.#target
    if (change === 'replacing') refusePivot(this.#links, this.#target)
    const former = await this.#former(layout)
    await this.#recalculate(former, change)
    if (change === 'replacing' && former.sheet.hasFormulas)
      this.#target.logger.warn(`${file}: formulas of the sheet \`${this.#target.sheet}\` become their values`)
    const write = new SheetWrite(content, { file, system: systemOf(this.#workbook), styles: this.#parts.styles })
    const sheet = { name: this.#entry.name, content: () => write[change](former) }
    yield* this.#parts.withSheet(sheet, this.#tables(), async () => await this.#fit(write, former))
  }

  async #former({ headerRow, names }: Layout): Promise<Former> {
    const place = `${this.#target.file} (${this.#entry.name})`
    return {
      sheet: await scanFormerSheet(xmlBytes(this.#book, this.#entry), headerRow, place),
      headerRow,
      hasHeader: this.#target.hasHeader,
      names,
      bytes: (from, to) => slice(xmlBytes(this.#book, this.#entry), from, to),
    }
  }

  /** What formulas showed may be of rows that are gone; the order that they are calculated in names cells that may hold none now. */
  async #recalculate({ sheet }: Former, change: Change): Promise<void> {
    if (!sheet.hasFormulas && this.#workbook.sheets.length < 2) return
    await this.#parts.editWorkbook((xml) => withFullCalculation(xml, this.#target.file))
    if (change === 'extending' || !sheet.hasFormulas) return
    const links = await readRelationships(this.#book, this.#workbook.part)
    await this.#parts.drop('calcChain', links.find(({ kind }) => kind === 'calcChain')?.part)
  }

  #tables(): readonly string[] {
    return this.#links.flatMap(({ kind, part }) => (kind === 'table' && part !== undefined ? [this.#parts.entry(part).name] : []))
  }

  /** Tables and filters reach as far as the rows do. */
  async #fit({ lastRow, names }: SheetWrite, { hasHeader, headerRow }: Former): Promise<void> {
    const { file, sheet } = this.#target
    const header = { file, names, row: hasHeader ? headerRow : undefined }
    for (const table of this.#tables()) await this.#parts.edit(table, (xml) => fittedTable(xml, lastRow, header) ?? xml)
    const index = this.#workbook.sheets.findIndex(({ name }) => name === sheet)
    await this.#parts.editWorkbook((xml) => withFilteredRows(xml, index, headerRow, lastRow))
  }
}

function systemOf({ date1904 }: Workbook): 1900 | 1904 {
  return date1904 ? 1904 : 1900
}

async function* slice(chunks: AsyncIterable<Uint8Array>, from: number, to: number): AsyncGenerator<Uint8Array> {
  let offset = 0
  for await (const chunk of chunks) {
    const end = offset + chunk.length
    if (end > from && offset < to) yield chunk.subarray(Math.max(0, from - offset), Math.min(chunk.length, to - offset))
    offset = end
  }
}

function refuseSigned(book: Package): void {
  if (!book.entries.some(({ name }) => name.startsWith('_xmlsignatures/'))) return
  throw new RunError({
    code: 'SIGNED_BOOK',
    message: `${book.name} carries a digital signature, which any change breaks`,
    hint: 'remove the signature in Excel, or write another book',
  })
}

/** What a pivot table shows is in the rows of its sheet. */
function refusePivot(links: readonly Relationship[], { file, sheet }: SheetTarget): void {
  if (!links.some(({ kind }) => kind === 'pivotTable')) return
  throw new RunError({
    code: 'PIVOT_IN_THE_WAY',
    message: `the sheet \`${sheet}\` of ${file} holds a pivot table, which other rows would overwrite`,
    hint: 'move the pivot table to a sheet of its own, or name another sheet',
  })
}
