import type { Column } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'
import type { Cut } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { bucketNumber, type DigestCell, type DigestDialect } from '../sql/digest.ts'
import { textCell } from './cells.ts'

/** The bucket that a row is dealt into. */
export function bucketExpression(all: readonly Column[], cut: Cut): string {
  const names = cut.by === 'width' ? [cut.column] : cut.columns
  const [first = ''] = names
  const key = names.map((name) => digestCell(columnNamed(all, name)))
  return bucketNumber(cut, key, `${identifier(first)}::BIGINT`, digestDialect)
}

/** A column as it is hashed. */
export function digestCell(column: Column): DigestCell {
  return { text: textCell(column), type: column.type }
}

export const digestDialect: DigestDialect = {
  concat: (texts) => `(${texts.join(' || ')})`,
  byteLength: (text) => `strlen(${text})::VARCHAR`,
  md5Number: (text, digits) => `('0x' || left(md5(${text}), ${digits}))::BIGINT`,
  divide: (dividend, divisor) => `${dividend} // ${divisor}`,
  modulo: (dividend, divisor) => `${dividend} % ${divisor}`,
}
