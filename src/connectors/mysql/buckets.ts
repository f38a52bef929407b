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
  return { text: textOf(form, cell, column.facts.fraction ?? 0), type: column.column.type }
}

function textOf(form: ReturnType<typeof readForm>['form'], cell: string, fraction: number): string {
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
      return withoutZeros(text, fraction)
    case 'instant':
      return `CONCAT(${withoutZeros(text, fraction)}, '+00')`
    default:
      return text
  }
}

/** The server writes as many digits of a fraction as the type has. */
function withoutZeros(text: string, fraction: number): string {
  return fraction === 0 ? text : `TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${text}))`
}

export const digestDialect: DigestDialect = {
  concat: (texts) => `CONCAT(${texts.join(', ')})`,
  byteLength: (text) => `LENGTH(${text})`,
  md5Number: (text, digits) => `CAST(CONV(LEFT(MD5(${text}), ${digits}), 16, 10) AS UNSIGNED)`,
  divide: (dividend, divisor) => `${dividend} DIV ${divisor}`,
  modulo: (dividend, divisor) => `${dividend} MOD ${divisor}`,
}
