import { ConfigError } from '../../../../core/errors.ts'
import type { BookFormat } from '../../format.ts'
import type { FileOptions } from '../../options.ts'
import { parseArea } from '../sheet-area.ts'

/** @throws ConfigError where a book cannot be written as its options say. */
export function checkBook(object: string, format: BookFormat, { range }: FileOptions): void {
  if (format !== 'xlsx') {
    throw new ConfigError({
      code: 'NOT_WRITABLE',
      message: `\`${object}\` cannot be written: books in the format ${format} are read only`,
      hint: 'write an .xlsx',
    })
  }
  const area = range === undefined ? undefined : parseArea(range)
  const isWhole = area && area.firstColumn === 1 && area.lastColumn === Infinity && area.lastRow === Infinity
  if (range === undefined || isWhole) return
  throw new ConfigError({
    code: 'BAD_RANGE',
    message: `\`${object}\`: \`range: ${range}\` bounds what is written, and a sheet is written with all its columns to its last row`,
    hint: 'leave `range` out, or say only where the rows begin: `range: "3:"`',
  })
}
