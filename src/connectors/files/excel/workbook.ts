import { malformed } from '../file-errors.ts'
import { type Relationship, readRelationships } from './relationships.ts'
import { walkPart, type XmlElement, type XmlVisitor } from './xml-part.ts'
import type { Entry, Package } from './zip.ts'

/** One sheet of a workbook, in the order of its tabs. */
export interface Sheet {
  readonly name: string
  readonly visible: boolean
  /** Its relationship's id in the workbook. */
  readonly relationship: string
  /** `undefined` for charts, dialogs and macro sheets: they hold no cells. */
  readonly part: string | undefined
}

/** A name that a workbook defines: `Prices` for `Sheet1!$A$1:$F$20`. */
export interface DefinedName {
  readonly name: string
  /** As a formula. */
  readonly refersTo: string
  /** The sheet that it belongs to, where it belongs to one. */
  readonly sheet: string | undefined
}

/** What workbook.xml tells of an .xlsx. */
export interface Workbook {
  /** The part that it was read from. */
  readonly part: string
  readonly sheets: readonly Sheet[]
  readonly names: readonly DefinedName[]
  /** Whether days are counted from 1904. */
  readonly date1904: boolean
  readonly sharedStrings: Entry | undefined
  readonly styles: Entry | undefined
}

/** @throws RunError where the package is no workbook, or a part is missing. */
export async function readWorkbook(book: Package): Promise<Workbook> {
  const part = await workbookPart(book)
  const entry = book.find(part)
  if (!entry) throw missingPart(book, part)
  const links = await readRelationships(book, part)
  const visitor = new WorkbookVisitor(book, links)
  await walkPart(book, entry, visitor)
  const { sheets, date1904 } = visitor
  if (sheets.length === 0) throw malformed({ file: book.name }, 'expected a book with sheets, found none', 'save the book again')
  const names = visitor.names.map(({ name, refersTo, index }) => ({ name, refersTo, sheet: sheets[index]?.name }))
  const linked = (kind: string) => linkedPart(book, links.find((link) => link.kind === kind)?.part)
  return { part: entry.name, sheets, names, date1904, sharedStrings: linked('sharedStrings'), styles: linked('styles') }
}

class WorkbookVisitor implements XmlVisitor {
  readonly sheets: Sheet[] = []
  readonly names: { readonly name: string; refersTo: string; readonly index: number }[] = []
  date1904 = false
  readonly #book: Package
  readonly #links: readonly Relationship[]

  constructor(book: Package, links: readonly Relationship[]) {
    this.#book = book
    this.#links = links
  }

  open(element: XmlElement): void {
    // Extensions have an element of this name, too.
    if (element.name === 'workbookPr' && element.parent === 'workbook') this.date1904 = isTrue(element.attribute('date1904'))
    else if (element.name === 'sheet' && element.parent === 'sheets') this.sheets.push(this.#sheet(element))
    else if (element.name === 'definedName')
      this.names.push({ name: element.attribute('name') ?? '', refersTo: '', index: Number(element.attribute('localSheetId') ?? -1) })
  }

  text(text: string, parent: string): void {
    const last = this.names.at(-1)
    if (parent === 'definedName' && last) last.refersTo += text
  }

  #sheet(element: XmlElement): Sheet {
    const relationship = element.prefixed('id') ?? ''
    const link = this.#links.find(({ id }) => id === relationship)
    if (!link) throw malformed({ file: this.#book.name }, 'a sheet of the book leads nowhere', 'save the book again')
    return {
      name: element.attribute('name') ?? '',
      visible: (element.attribute('state') ?? 'visible') === 'visible',
      relationship,
      part: link.kind === 'worksheet' ? link.part : undefined,
    }
  }
}

async function workbookPart(book: Package): Promise<string> {
  const links = await readRelationships(book, '')
  const part = links.find((link) => link.kind === 'officeDocument')?.part
  if (part?.toLowerCase().endsWith('.bin'))
    throw malformed({ file: book.name }, 'expected an .xlsx book, found a binary one (.xlsb)', 'save it as .xlsx')
  if (part !== undefined) return part
  throw malformed(
    { file: book.name },
    'expected a book, found a zip file that holds none',
    'check the file: Excel could not open it either',
  )
}

/** A part that is linked must be there: a book without its texts would be read as one without values. */
function linkedPart(book: Package, part: string | undefined): Entry | undefined {
  if (part === undefined) return undefined
  const entry = book.find(part)
  if (!entry) throw missingPart(book, part)
  return entry
}

export function missingPart(book: Package, part: string) {
  return malformed({ file: book.name }, `its part ${part} is missing`, 'fetch the file again, or save the book again')
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on'
}
