import { ConfigError } from '../../../core/errors.ts'
import { nearest } from '../../../core/nearest.ts'
import type { FileOptions } from '../options.ts'
import type { Book, NamedArea } from './book.ts'
import type { HeaderPlace } from './header.ts'
import { type Area, parseArea, parseReference, wholeSheet } from './sheet-area.ts'

/** What of a book is read. */
export interface Selection {
  readonly sheet: string
  readonly area: Area
  readonly header: HeaderPlace
}

type ExcelOptions = Pick<FileOptions, 'sheet' | 'range' | 'header' | 'headerRows'>

/**
 * The sheet, the cells and the header that the options mean. Without `sheet` it is the only one that is not hidden.
 * @throws ConfigError naming the sheets or areas that there are.
 */
export async function selectArea(book: Book, options: ExcelOptions): Promise<Selection> {
  const { range } = options
  if (range === undefined) return { sheet: selectSheet(book, options.sheet), area: wholeSheet, header: headerOf(options) }
  const area = parseArea(range)
  if (area) return { sheet: selectSheet(book, options.sheet), area, header: headerOf(options) }
  const reference = parseReference(range)
  if (reference) return { sheet: agreed(book, options.sheet, reference.sheet), area: reference.area, header: headerOf(options) }
  const named = await findArea(book, range, options.sheet)
  return { sheet: agreed(book, options.sheet, named.sheet), area: named.area, header: headerOf(options, named.header) }
}

function headerOf({ header, headerRows }: ExcelOptions, told = true): HeaderPlace {
  if (headerRows) return { in: 'rows', ...headerRows }
  if (header === undefined) return told ? { in: 'rows' } : { in: 'nothing' }
  if (typeof header !== 'boolean') return { in: 'list', names: header }
  return header ? { in: 'rows' } : { in: 'nothing' }
}

function selectSheet({ name, sheets }: Book, wanted: string | undefined): string {
  const names = sheets.map((sheet) => sheet.name)
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted
    throw unknownSheet(name, wanted, names)
  }
  const visible = sheets.filter((sheet) => sheet.visible)
  const [only, ...others] = visible.length > 0 ? visible : sheets
  if (only && others.length === 0) return only.name
  throw new ConfigError({
    code: 'SHEET_NEEDED',
    message: only ? `${name} has ${names.length} sheets: ${shown(names)}` : `${name} has no sheet with cells`,
    ...(only ? { hint: `name one: ${name}#${only.name}, or \`sheet:\`` } : {}),
  })
}

function agreed(book: Book, wanted: string | undefined, found: string): string {
  if (wanted === undefined || wanted === found) return selectSheet(book, found)
  throw new ConfigError({
    code: 'BAD_RANGE',
    message: `${book.name}: the range lies on the sheet \`${found}\`, not on \`${wanted}\``,
    hint: 'leave `sheet` or `range` out',
  })
}

async function findArea(book: Book, wanted: string, sheet: string | undefined): Promise<NamedArea> {
  const areas = await book.areas()
  const same = areas.filter(({ name }) => name.toLowerCase() === wanted.toLowerCase())
  const found = same.find((area) => area.sheet === sheet) ?? same[0]
  if (found) return found
  const names = areas.map(({ name }) => name)
  const near = nearest(wanted, names)
  const known = names.length === 0 ? 'the book names no ranges' : `the book names ${shown(names)}`
  throw new ConfigError({
    code: 'BAD_RANGE',
    message: `${book.name}: \`${wanted}\` is no range: ${known}`,
    hint: near ? `did you mean \`${near}\`?` : 'a range is B3:F200, B3:F, B:F, 3:200 or the name of a table or of a range',
  })
}

function unknownSheet(book: string, wanted: string, names: readonly string[]): ConfigError {
  const near = nearest(wanted, names)
  return new ConfigError({
    code: 'UNKNOWN_SHEET',
    message: `${book} has no sheet \`${wanted}\`; its sheets are ${shown(names)}`,
    ...(near ? { hint: `did you mean \`${near}\`?` } : {}),
  })
}

const most = 20

function shown(names: readonly string[]): string {
  const first = names.slice(0, most).join(', ')
  return names.length > most ? `${first} and ${names.length - most} more` : first
}
