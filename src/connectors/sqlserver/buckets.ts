import type { Cut } from '../connector.ts'
import { bucketNumber, type DigestCell, type DigestDialect } from '../sql/digest.ts'
import { canonicalCell } from './canonical-cells.ts'
import type { Relation, RelationColumn } from './relation.ts'
import { requestedColumns } from './select.ts'
import { identifier } from './sql.ts'

/** The bucket that a row of a relation, called `t`, is dealt into. @param utf8 the collation by which texts become UTF-8. */
export function bucketExpression(relation: Relation, cut: Cut, utf8: string): string {
  const key = requestedColumns(relation, cut.by === 'width' ? [cut.column] : cut.columns)
  return bucketNumber(cut, key.map(digestCell), `CONVERT(bigint, t.${identifier(key[0]?.column.name ?? '')})`, digestDialect(utf8))
}

/** A column of `t` as it is hashed. */
export function digestCell(column: RelationColumn): DigestCell {
  return { text: canonicalCell(column, `t.${identifier(column.column.name)}`), type: column.column.type }
}

/**
 * A binary of a text has the bytes of its collation's code page, so that one of UTF-8 (SQL Server 2019) makes what other systems hash.
 * An operand of a `max` type first, so that nothing is cut at 8,000 bytes; its collation is told, which settles that of the whole.
 */
export function digestDialect(utf8: string): DigestDialect {
  return {
    concat: (texts) => `(CONVERT(nvarchar(max), N'') COLLATE ${utf8} + ${texts.join(' + ')})`,
    byteLength: (text) => `CONVERT(varchar(20), DATALENGTH(CONVERT(varchar(max), CONVERT(nvarchar(max), ${text}) COLLATE ${utf8})))`,
    md5Number: (text, digits) => firstDigits(`HASHBYTES('MD5', CONVERT(varchar(max), ${text}))`, digits),
    divide: (dividend, divisor) => `CONVERT(bigint, ${dividend}) / CONVERT(bigint, ${divisor})`,
    modulo: (dividend, divisor) => `${dividend} % ${divisor}`,
  }
}

/** Of eight bytes 60 bits are meant: a bigint is signed, and shifts to the right came with SQL Server 2022. */
function firstDigits(hash: string, digits: 7 | 15): string {
  if (digits === 7) return `(CONVERT(bigint, SUBSTRING(${hash}, 1, 4)) / 16)`
  return `((CONVERT(bigint, SUBSTRING(${hash}, 1, 8)) & CONVERT(bigint, -16)) / 16 & CONVERT(bigint, ${2n ** 60n - 1n}))`
}
