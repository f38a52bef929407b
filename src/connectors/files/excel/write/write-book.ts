import { ConfigError } from '../../../../core/errors.ts'
import type { Logger } from '../../../../core/logger.ts'
import type { Incoming } from '../../incoming.ts'
import type { Located } from '../../locate.ts'
import type { Target } from '../../target.ts'
import { ExcelSource } from '../excel-source.ts'
import { type Change, editedBook, extendedBook, type Layout, newBook, type SheetTarget } from './book-write.ts'
import type { Content } from './sheet-content.ts'

const usualSheet = 'Sheet1'

/**
 * The bytes of a book with these rows in one of its sheets.
 * @param former the book as it is, if it is there.
 */
export function writeBook(
  target: Target,
  former: string | undefined,
  incoming: Incoming,
  { change, signal, logger }: { readonly change: Change; readonly signal: AbortSignal; readonly logger: Logger },
): AsyncGenerator<Uint8Array> {
  const { ref, options } = target
  const content: Content = { columns: incoming.rows.columns, cells: () => incoming.cells() }
  const source = target.former?.source
  const there = source instanceof ExcelSource ? source.layout : undefined
  const hasHeader = target.options.header !== false && !Array.isArray(target.options.header)
  const sheet: SheetTarget = { file: ref.name, sheet: there?.selection.sheet ?? options.sheet ?? usualSheet, hasHeader, signal, logger }
  if (former === undefined) {
    refuseNewMacros(ref.name)
    return newBook(sheet, content)
  }
  const book: Located = { path: former, name: ref.name }
  if (!there) return extendedBook(book, sheet, content)
  return editedBook(book, sheet, content, { change, layout: layoutOf(there, hasHeader) })
}

/** A sheet in which nothing names a column is begun as a new one is: in its first row. */
function layoutOf({ headerRow, names, selection: { area } }: NonNullable<ExcelSource['layout']>, hasHeader: boolean): Layout {
  const placed = names.flatMap((name, index): [number, string][] => (name === undefined ? [] : [[index + area.firstColumn, name]]))
  const isBlank = placed.length === 0 && hasHeader
  return { headerRow: isBlank ? area.firstRow : headerRow, names: new Map(placed) }
}

function refuseNewMacros(object: string): void {
  if (!/\.xlsm$/i.test(object)) return
  throw new ConfigError({
    code: 'NOT_WRITABLE',
    message: `\`${object}\` does not exist, and a new book has no macros`,
    hint: 'name it .xlsx; a book with macros that exists is written, and they stay',
  })
}
