import { buffer } from 'node:stream/consumers'
import { ZipFile } from 'yazl'

/** Parts of a package by name. A part may be left out by `undefined`. */
export type Parts = Readonly<Record<string, string | Uint8Array | undefined>>

/** What a workbook is written from: XML as a program would write it, so that tests see what readers see. */
export interface BookParts {
  /** What stands in `sheetData`, by the name of the sheet, or the sheet's whole element. */
  readonly sheets: Readonly<Record<string, string>>
  /** Names of sheets that are hidden. */
  readonly hidden?: readonly string[]
  /** `si` elements. */
  readonly strings?: readonly string[]
  /** The number format of each cell style: an id of Excel's own, or a code. */
  readonly styles?: readonly (number | string)[]
  readonly date1904?: boolean
  /** Defined names and what they refer to. */
  readonly names?: Readonly<Record<string, string>>
  /** Parts in place of those that are written, or besides. */
  readonly parts?: Parts
}

const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packaged = 'http://schemas.openxmlformats.org/package/2006/relationships'
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

/** The bytes of an .xlsx. */
export async function xlsx(book: BookParts): Promise<Uint8Array> {
  return await zipped({ ...partsOf(book), ...book.parts })
}

/** The parts of an .xlsx by name. */
export function partsOf({ sheets, hidden = [], strings, styles, date1904, names }: BookParts): Parts {
  const listed = Object.keys(sheets)
  const links = [
    ...listed.map((_, index) => ['worksheet', `worksheets/sheet${index + 1}.xml`]),
    ...(strings ? [['sharedStrings', 'sharedStrings.xml']] : []),
    ...(styles ? [['styles', 'styles.xml']] : []),
  ]
  const sheetList = listed.map(
    (name, index) =>
      `<sheet name="${escaped(name)}" sheetId="${index + 1}"${hidden.includes(name) ? ' state="hidden"' : ''} r:id="rId${index + 1}"/>`,
  )
  const defined = Object.entries(names ?? {}).map(([name, refers]) => `<definedName name="${name}">${escaped(refers)}</definedName>`)
  return {
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${packaged}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${office}"><workbookPr${date1904 ? ' date1904="1"' : ''}/><sheets>${sheetList.join('')}</sheets>${defined.length > 0 ? `<definedNames>${defined.join('')}</definedNames>` : ''}</workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="${packaged}">${links.map(([kind, target], index) => `<Relationship Id="rId${index + 1}" Type="${office}/${kind}" Target="${target}"/>`).join('')}</Relationships>`,
    ...(strings ? { 'xl/sharedStrings.xml': `${head}<sst xmlns="${main}">${strings.join('')}</sst>` } : {}),
    ...(styles ? { 'xl/styles.xml': styleSheet(styles) } : {}),
    ...Object.fromEntries(
      listed.map((name, index) => [`xl/worksheets/sheet${index + 1}.xml`, `${head}${sheetElement(sheets[name] ?? '')}`]),
    ),
  }
}

function sheetElement(content: string): string {
  return content.startsWith('<worksheet') || content.startsWith('<x:')
    ? content
    : `<worksheet xmlns="${main}" xmlns:r="${office}"><sheetData>${content}</sheetData></worksheet>`
}

function styleSheet(styles: readonly (number | string)[]): string {
  const codes = styles.map((style, index) =>
    typeof style === 'string' ? `<numFmt numFmtId="${200 + index}" formatCode="${escaped(style)}"/>` : '',
  )
  const cells = styles.map((style, index) => `<xf numFmtId="${typeof style === 'string' ? 200 + index : style}" fontId="0"/>`)
  return `${head}<styleSheet xmlns="${main}"><numFmts>${codes.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${cells.join('')}</cellXfs></styleSheet>`
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** A zip file, written by another library than the one that reads it. */
export async function zipped(parts: Parts): Promise<Uint8Array> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(parts)) if (content !== undefined) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  return await buffer(zip.outputStream)
}

/** Rows of cells as `sheetData` holds them: texts inline, the rest as numbers; `undefined` leaves a cell out. */
export function rows(...cells: readonly (readonly (string | number | boolean | undefined)[])[]): string {
  return cells
    .map((row, at) => `<row r="${at + 1}">${row.map((cell, column) => cellOf(cell, `${letter(column)}${at + 1}`)).join('')}</row>`)
    .join('')
}

function cellOf(cell: string | number | boolean | undefined, place: string): string {
  if (cell === undefined) return ''
  if (typeof cell === 'boolean') return `<c r="${place}" t="b"><v>${Number(cell)}</v></c>`
  if (typeof cell === 'number') return `<c r="${place}"><v>${cell}</v></c>`
  return `<c r="${place}" t="inlineStr"><is><t xml:space="preserve">${escaped(cell)}</t></is></c>`
}

function letter(column: number): string {
  return String.fromCharCode(65 + column)
}
