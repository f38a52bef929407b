import { readFile, stat } from 'node:fs/promises'
import { type CellObject, read, type WorkBook } from '@e965/xlsx'
import { RunError } from '../../../core/errors.ts'
import { malformed, withFile } from '../file-errors.ts'
import type { Located } from '../locate.ts'
import type { Book, BookSheet, NamedArea } from './book.ts'
import { cellKinds, kindOfMoment } from './cell-kinds.ts'
import { useCodePages } from './code-pages.ts'
import { shownByCode } from './number-format.ts'
import { decimalText } from './number-text.ts'
import { momentOf, noDay } from './serial.ts'
import { parseReference } from './sheet-area.ts'
import type { SheetTable } from './sheet-table.ts'

/** A book of this format is read into memory, which takes about ten times its size. */
const largest = 128 << 20

/** Opens an .xls of Excel 97 to 2003 (and older). */
export async function openXls(file: Located): Promise<Book> {
  const bytes = await withFile(file.name, async () => {
    const { size } = await stat(file.path)
    if (size > largest) throw tooLarge(file, size)
    return await readFile(file.path)
  })
  return new XlsBook(file.name, parsed(file, bytes))
}

function parsed(file: Located, bytes: Uint8Array): WorkBook {
  useCodePages()
  try {
    return read(bytes, { type: 'buffer', dense: true, cellNF: true, cellText: false, cellHTML: false })
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown
    if (thrown instanceof Error && /password|encrypt/i.test(thrown.message)) {
      const hint = 'save it without one: Syncline takes no passwords of books'
      throw new RunError({ code: 'PASSWORD_PROTECTED', message: `${file.name} is protected by a password`, hint, cause: thrown })
    }
    throw malformed({ file: file.name }, 'the book is cut short or damaged', 'fetch the file again, or save it as .xlsx')
  }
}

class XlsBook implements Book {
  readonly name: string
  readonly sheets: readonly BookSheet[]
  readonly #book: WorkBook
  readonly #date1904: boolean

  constructor(name: string, book: WorkBook) {
    this.name = name
    this.#book = book
    this.#date1904 = book.Workbook?.WBProps?.date1904 === true
    this.sheets = book.SheetNames.flatMap((sheet, index) => {
      const isChart = book.Sheets[sheet]?.['!type'] !== undefined && book.Sheets[sheet]['!type'] !== 'sheet'
      return isChart ? [] : [{ name: sheet, visible: (book.Workbook?.Sheets?.[index]?.Hidden ?? 0) === 0 }]
    })
  }

  async areas(): Promise<readonly NamedArea[]> {
    return (this.#book.Workbook?.Names ?? []).flatMap(({ Name, Ref }) => {
      const reference = parseReference(Ref)
      return reference ? [{ name: Name, ...reference }] : []
    })
  }

  async *cells(sheet: string, table: SheetTable): AsyncGenerator<void> {
    const found = this.#book.Sheets[sheet]
    const rows: readonly ((CellObject | undefined)[] | undefined)[] = found?.['!data'] ?? []
    for (const [row, cells] of rows.entries()) {
      if (!cells) continue
      table.beginRow(row + 1)
      for (const [index, cell] of cells.entries()) if (cell && table.takes(index + 1)) this.#put(table, index + 1, cell)
      table.endRow()
      yield
    }
    for (const { s: first, e: last } of found?.['!merges'] ?? [])
      table.merge({ firstRow: first.r + 1, firstColumn: first.c + 1, lastRow: last.r + 1, lastColumn: last.c + 1 })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #put(table: SheetTable, column: number, { t: type, v: value, z: format }: CellObject): void {
    if (type === 'e') table.invalid(column, errors[Number(value)] ?? '#VALUE!')
    else if (typeof value === 'number') this.#number(table, column, value, String(format ?? 'General'))
    else if (typeof value === 'boolean') table.putPlain(column, cellKinds.boolean, String(value))
    else if (typeof value === 'string') table.putText(column, value)
  }

  #number(table: SheetTable, column: number, value: number, format: string): void {
    const shown = shownByCode(format)
    const moment = shown === 'number' ? undefined : momentOf(value, shown, this.#date1904)
    if (shown === 'number') table.putPlain(column, cellKinds.number, decimalText(value))
    else if (moment) table.putPlain(column, kindOfMoment(moment), moment.text)
    else table.invalid(column, noDay)
  }
}

/** MS-XLS 2.5.10 */
const errors: Readonly<Record<number, string>> = {
  0: '#NULL!',
  7: '#DIV/0!',
  15: '#VALUE!',
  23: '#REF!',
  29: '#NAME?',
  36: '#NUM!',
  42: '#N/A',
}

function tooLarge({ name }: Located, size: number): RunError {
  return new RunError({
    code: 'BOOK_TOO_LARGE',
    message: `${name} has ${size >> 20} MiB; a book of this old format is read into memory, and up to ${largest >> 20} MiB are`,
    hint: 'save it as .xlsx, which is read as it comes',
  })
}
