import type { Located } from '../locate.ts'
import type { Workspace } from '../workspace.ts'
import type { Book, BookSheet, NamedArea } from './book.ts'
import { readRelationships } from './relationships.ts'
import { readSharedStrings } from './shared-strings.ts'
import { parseArea, parseReference } from './sheet-area.ts'
import { SheetScan } from './sheet-scan.ts'
import type { SheetTable } from './sheet-table.ts'
import { readStyles } from './styles.ts'
import { missingPart, readWorkbook, type Workbook } from './workbook.ts'
import { walkPart, xmlBytes } from './xml-part.ts'
import { type Entry, openPackage, type Package } from './zip.ts'

/** Opens an .xlsx; its cells are read as they come, so that memory does not grow with them. */
export async function openXlsx(file: Located, workspace: Workspace): Promise<Book> {
  await using opening = new AsyncDisposableStack()
  const parts = opening.use(await openPackage(file, workspace.signal))
  const workbook = await readWorkbook(parts)
  opening.move()
  return new XlsxBook(parts, workbook, workspace)
}

class XlsxBook implements Book {
  readonly name: string
  readonly sheets: readonly BookSheet[]
  readonly #parts: Package
  readonly #workbook: Workbook
  readonly #workspace: Workspace

  constructor(parts: Package, workbook: Workbook, workspace: Workspace) {
    this.name = parts.name
    this.sheets = workbook.sheets.filter(({ part }) => part !== undefined)
    this.#parts = parts
    this.#workbook = workbook
    this.#workspace = workspace
  }

  async areas(): Promise<readonly NamedArea[]> {
    const tables: NamedArea[] = []
    for (const { name, part } of this.#workbook.sheets) if (part !== undefined) tables.push(...(await this.#tables(name, part)))
    return [...definedAreas(this.#workbook), ...tables]
  }

  async *cells(sheet: string, table: SheetTable): AsyncGenerator<void> {
    const place = `${this.name}#${sheet}`
    const entry = this.#sheet(sheet)
    const { sharedStrings, styles, date1904 } = this.#workbook
    using strings = await readSharedStrings(this.#parts, sharedStrings, this.#workspace)
    const scan = new SheetScan(place, { strings, styles: await readStyles(this.#parts, styles), date1904 }, table)
    for await (const chunk of xmlBytes(this.#parts, entry)) {
      scan.walk(chunk)
      yield
    }
    scan.finish()
    yield
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]()
  }

  #sheet(name: string): Entry {
    const part = this.#workbook.sheets.find((sheet) => sheet.name === name)?.part ?? ''
    const entry = this.#parts.find(part)
    if (!entry) throw missingPart(this.#parts, part)
    return entry
  }

  /** The tables of a sheet; a row of totals is none of their rows. */
  async #tables(sheet: string, part: string): Promise<readonly NamedArea[]> {
    const tables: NamedArea[] = []
    for (const link of await readRelationships(this.#parts, part)) {
      if (link.kind !== 'table' || link.part === undefined) continue
      const entry = this.#parts.find(link.part)
      if (!entry) throw missingPart(this.#parts, link.part)
      await walkPart(this.#parts, entry, {
        open: ({ name, attribute }) => {
          const area = name === 'table' ? parseArea(attribute('ref') ?? '', true) : undefined
          if (!area) return
          const lastRow = area.lastRow - Number(attribute('totalsRowCount') ?? 0)
          const header = attribute('headerRowCount') !== '0'
          tables.push({ name: attribute('displayName') ?? attribute('name') ?? '', sheet, area: { ...area, lastRow }, header })
        },
      })
    }
    return tables
  }
}

/** Names that mean an area of one sheet; Excel's own (`_xlnm.…`) and formulas are none. */
function definedAreas({ names }: Workbook): readonly NamedArea[] {
  return names.flatMap(({ name, refersTo }) => {
    const reference = name.startsWith('_xlnm.') ? undefined : parseReference(refersTo)
    return reference ? [{ name, ...reference }] : []
  })
}
