import type { Cut } from '../connector.ts'
import { bucketNumber, type DigestCell, type DigestDialect } from '../sql/digest.ts'
import { canonicalCell } from './cells.ts'
import type { Relation, RelationColumn } from './relation.ts'
import { requestedColumns } from './requested-columns.ts'
import { identifier } from './sql.ts'

/** The bucket that a row of a relation, called `t`, is dealt into. */
export function bucketExpression(relation: Relation, cut: Cut): string {
  const key = requestedColumns(relation, cut.by === 'width' ? [cut.column] : cut.columns)
  return bucketNumber(cut, key.map(digestCell), `t.${identifier(key[0]?.column.name ?? '')}::int8`, digestDialect)
}

/** A column of `t` as it is hashed. */
export function digestCell({ column, type }: RelationColumn): DigestCell {
  return { text: canonicalText(`t.${identifier(column.name)}`, type), type: type.type }
}

/** `format` makes of NULL an empty text. */
function canonicalText(cell: string, type: RelationColumn['type']): string {
  if (castsAsShown.has(type.base.oid)) return `${cell}::text`
  const text = canonicalCell(cell, type)
  return text.startsWith('format') ? `CASE WHEN ${cell} IS NOT NULL THEN ${text} END` : text
}

/** bool, bytea, int8, int2, int4, text, oid, varchar, date, time, timestamp, timestamptz, numeric, uuid: what COPY shows of these is their cast. */
const castsAsShown: ReadonlySet<number> = new Set([16, 17, 20, 21, 23, 25, 26, 1043, 1082, 1083, 1114, 1184, 1700, 2950])

export const digestDialect: DigestDialect = {
  concat: (texts) => texts.join(' || '),
  byteLength: (text) => `octet_length(${text})`,
  md5Number: (text, digits) => `('x' || substr(md5(${text}), 1, ${digits}))::bit(${digits * 4})::int8`,
  divide: (dividend, divisor) => `${dividend} / ${divisor}`,
  modulo: (dividend, divisor) => `${dividend} % ${divisor}`,
}
