import { RunError } from '../../../core/errors.ts'
import { malformed } from '../file-errors.ts'
import type { Located } from '../locate.ts'
import type { Workspace } from '../workspace.ts'
import type { Book, BookSheet, NamedArea } from './book.ts'
import { OdsScan } from './ods-scan.ts'
import { parseArea } from './sheet-area.ts'
import type { SheetTable } from './sheet-table.ts'
import { walkPart, type XmlElement, xmlBytes } from './xml-part.ts'
import { type Entry, openPackage, type Package } from './zip.ts'

/** Opens an OpenDocument spreadsheet; its cells are read as they come, so that memory does not grow with them. */
export async function openOds(file: Located, workspace: Workspace): Promise<Book> {
  await using opening = new AsyncDisposableStack()
  const parts = opening.use(await openPackage(file, workspace.signal))
  await refuseEncrypted(parts)
  const content = parts.find('content.xml')
  if (!content) throw malformed({ file: file.name }, 'its part content.xml is missing', 'fetch the file again, or save the book again')
  const { sheets, areas } = await outline(parts, content)
  opening.move()
  return new OdsBook(parts, content, sheets, areas)
}

class OdsBook implements Book {
  readonly name: string
  readonly sheets: readonly BookSheet[]
  readonly #parts: Package
  readonly #content: Entry
  readonly #areas: readonly NamedArea[]

  constructor(parts: Package, content: Entry, sheets: readonly BookSheet[], areas: readonly NamedArea[]) {
    this.name = parts.name
    this.sheets = sheets
    this.#parts = parts
    this.#content = content
    this.#areas = areas
  }

  async areas(): Promise<readonly NamedArea[]> {
    return this.#areas
  }

  async *cells(sheet: string, table: SheetTable): AsyncGenerator<void> {
    const scan = new OdsScan(`${this.name}#${sheet}`, sheet, table)
    for await (const chunk of xmlBytes(this.#parts, this.#content)) {
      scan.walk(chunk)
      yield
    }
    scan.finish()
    yield
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]()
  }
}

/** The sheets and the names of areas, which stand all over the content. */
async function outline(parts: Package, content: Entry) {
  const hidden = new Set<string>()
  const sheets: BookSheet[] = []
  const areas: NamedArea[] = []
  let style = ''
  const visit = ({ name, parent, attribute }: XmlElement) => {
    if (name === 'style') style = attribute('style:name') ?? ''
    else if (name === 'table-properties' && attribute('table:display') === 'false') hidden.add(style)
    else if (name === 'table' && parent === 'spreadsheet')
      sheets.push({ name: attribute('table:name') ?? '', visible: !hidden.has(attribute('table:style-name') ?? '') })
    else if (name === 'named-range') areas.push(...area(attribute('table:name'), attribute('table:cell-range-address')))
    else if (name === 'database-range') areas.push(...area(attribute('table:name'), attribute('table:target-range-address')))
  }
  await walkPart(parts, content, { open: visit })
  return { sheets, areas }
}

/** `$Prices.$A$1:.$C$5`, `'My sheet'.A1:'My sheet'.C5` */
function area(name = '', address = ''): readonly NamedArea[] {
  const [, quoted, bare, from, to = from] =
    /^\$?(?:'((?:[^']|'')+)'|([^'.]+))\.([^:.]+)(?::(?:\$?(?:'(?:[^']|'')+'|[^'.:]*)\.)?([^:.]+))?$/.exec(address) ?? []
  const found = from === undefined ? undefined : parseArea(`${from}:${to}`)
  const sheet = quoted?.replaceAll("''", "'") ?? bare
  return found && sheet !== undefined && !name.startsWith('__Anonymous') ? [{ name, sheet, area: found }] : []
}

async function refuseEncrypted(parts: Package): Promise<void> {
  const manifest = parts.find('META-INF/manifest.xml')
  if (!manifest) return
  let encrypted = false
  const look = ({ name }: XmlElement) => {
    if (name === 'encryption-data') encrypted = true
  }
  await walkPart(parts, manifest, { open: look })
  if (!encrypted) return
  throw new RunError({
    code: 'PASSWORD_PROTECTED',
    message: `${parts.name} is protected by a password`,
    hint: 'save it without one: Syncline takes no passwords of books',
  })
}
