import type { Cut } from '../connector.ts'
import { bucketNumber, type DigestCell, type DigestDialect } from '../sql/digest.ts'
import { readForm, targetCell } from './cells.ts'
import type { RelationColumn } from './relation.ts'

/** The bucket that a row of a relation, called `t`, is dealt into; `key` are the columns that the cut names. */
export function bucketExpression(key: readonly RelationColumn[], cut: Cut): string {
  const [first] = key
  return bucketNumber(cut, key.map(digestCell), first ? targetCell(first) : '0', digestDialect)
}

/** The names of the columns by which a cut deals. */
export function cutColumns(cut: Cut): readonly string[] {
  return cut.by === 'width' ? [cut.column] : cut.columns
}

/** A column of `t` as it is hashed: its canonical text, which the row encoder makes of the same cell when it is read. */
export function digestCell(column: RelationColumn): DigestCell {
  const { form, expression } = readForm(column)
  const cell = expression(targetCell(column))
  return { text: textOf(form, cell, column), type: column.column.type }
}

function textOf(form: ReturnType<typeof readForm>['form'], cell: string, { facts, column: { type } }: RelationColumn): string {
  const { fraction = 0 } = facts
  const text = `CAST(${cell} AS CHAR CHARACTER SET utf8mb4)`
  switch (form) {
    case 'text':
      return `CONVERT(${cell} USING utf8mb4)`
    case 'bytes':
      return `CONCAT('\\\\x', LOWER(HEX(${cell})))`
    case 'boolean':
      return `CASE ${cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE ${text} END`
    case 'stamp':
    case 'time':
      return fraction === 0 ? text : withoutZeros(cell)
    case 'instant':
      return `CONCAT(${fraction === 0 ? text : withoutZeros(cell)}, '+00')`
    case 'plain':
      // What they are put together with makes a text of a number; a cast costs as much again.
      return type.kind === 'integer' || type.kind === 'decimal' ? cell : text
    default:
      return text
  }
}

/** The server writes as many digits of a fraction as the type has. Of bytes it need not look where each character begins. */
function withoutZeros(cell: string): string {
  return `TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(${cell} AS BINARY)))`
}

export const digestDialect: DigestDialect = {
  concat: (texts) => `CONCAT(${texts.join(', ')})`,
  byteLength: (text) => `LENGTH(${text})`,
  md5Number: (text, digits) => `CAST(CONV(LEFT(MD5(${text}), ${digits}), 16, 10) AS UNSIGNED)`,
  divide: (dividend, divisor) => `${dividend} DIV ${divisor}`,
  modulo: (dividend, divisor) => `${dividend} MOD ${divisor}`,
}
