import type { Column } from '../../core/table.ts'
import type { Cut } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { bucketNumber, type DigestCell, type DigestDialect } from '../sql/digest.ts'
import { quoteName } from '../sql/quote.ts'
import { readingOf } from './reading.ts'

/** The bucket that a row is dealt into. */
export function bucketExpression(all: readonly Column[], cut: Cut): string {
  const names = cut.by === 'width' ? [cut.column] : cut.columns
  const [first = ''] = names
  return bucketNumber(
    cut,
    names.map((name) => digestCell(columnNamed(all, name))),
    quoteName(first),
    digestDialect,
  )
}

/** A column as it is hashed. */
export function digestCell(column: Column): DigestCell {
  return { text: readingOf(column).text, type: column.type }
}

export const digestDialect: DigestDialect = {
  concat: (texts) => `(${texts.join(' || ')})`,
  byteLength: (text) => `length(CAST(${text} AS BLOB))`,
  md5Number: (text, digits) => `syncline_md5(${text}, ${digits})`,
  divide: (dividend, divisor) => `${dividend} / ${divisor}`,
  modulo: (dividend, divisor) => `${dividend} % ${divisor}`,
}
