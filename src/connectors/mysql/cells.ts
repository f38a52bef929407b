import type { RelationColumn } from './relation.ts'
import type { CellForm } from './row-encoder.ts'
import { identifier } from './sql.ts'

/** How the cells of a column are selected, and how what the server sends becomes canonical text. */
export interface ReadForm {
  readonly form: CellForm
  /** SQL, given the cell. */
  expression(cell: string): string
}

const itself = (cell: string) => cell
const asNumber = (cell: string) => `${cell} + 0`

export function readForm({ facts, column }: Pick<RelationColumn, 'facts' | 'column'>): ReadForm {
  const { name, declared } = facts
  if (column.type.kind === 'boolean') return { form: 'boolean', expression: name === 'bit' ? asNumber : itself }
  if (name === 'bit' || name === 'year' || declared.includes('zerofill')) return { form: 'plain', expression: asNumber }
  switch (name) {
    case 'float':
      // As a float the server writes six digits of it; as a double all, and a product keeps the sign of zero.
      return { form: 'single', expression: (cell) => `${cell} * 1e0` }
    case 'date':
      return { form: 'date', expression: itself }
    case 'datetime':
      return { form: 'stamp', expression: itself }
    case 'time':
      return { form: 'time', expression: itself }
    case 'timestamp':
      return { form: 'instant', expression: itself }
    case 'uuid':
      return { form: 'plain', expression: itself }
    default:
      break
  }
  if (column.type.kind === 'bytes' || geometries.has(name)) return { form: 'bytes', expression: itself }
  if (column.type.kind === 'integer' || column.type.kind === 'decimal' || column.type.kind === 'float')
    return { form: 'plain', expression: itself }
  return { form: 'text', expression: itself }
}

/** Travel in the server's own binary form, as hex: it alone keeps the reference system. */
export const geometries: ReadonlySet<string> = new Set([
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
  'geometrycollection',
  'geomcollection',
])

/** How a text on its way in becomes a cell. */
export interface WriteForm {
  /** What is done to the text before the server sees it. */
  readonly form: 'plain' | 'boolean' | 'instant' | 'single'
  /** SQL, given the text; the text itself is stored where absent. */
  readonly expression?: (text: string) => string
}

export function writeForm({ facts, column }: Pick<RelationColumn, 'facts' | 'column'>): WriteForm {
  const { name, length = 0 } = facts
  if (name === 'bit') {
    return { form: column.type.kind === 'boolean' ? 'boolean' : 'plain', expression: (text) => `CAST(${text} AS UNSIGNED)` }
  }
  if (column.type.kind === 'boolean') return { form: 'boolean' }
  if (name === 'timestamp') return { form: 'instant' }
  if (name === 'float') return { form: 'single' }
  // Of a number below 100 a `year` makes another one; what is out of range is refused.
  if (name === 'year') return { form: 'plain', expression: (text) => `IF(${text} + 0 BETWEEN 1 AND 99, 65535, ${text} + 0)` }
  // A shorter value would be padded with zeros; too long a one is refused.
  if (name === 'binary') {
    return {
      form: 'plain',
      expression: (text) => `IF(CHAR_LENGTH(${text}) < ${2 + 2 * length}, REPEAT('0', ${length + 1}), UNHEX(SUBSTR(${text}, 3)))`,
    }
  }
  // A document is taken in the server's own form; of another it would keep what it can, and say nothing.
  if (name === 'json' && column.limits?.judged) {
    const own = (text: string) => `CAST(CAST(CAST(${text} AS JSON) AS CHAR) AS BINARY)`
    return { form: 'plain', expression: (text) => `IF(${own(text)} <> CAST(${text} AS BINARY), '', ${text})` }
  }
  if (column.type.kind === 'bytes' || geometries.has(name)) return { form: 'plain', expression: (text) => `UNHEX(SUBSTR(${text}, 3))` }
  return { form: 'plain' }
}

/**
 * SQL that is true where two cells of one column are the same to the last character, NULL being the same as NULL only. Texts
 * are compared as bytes, whatever their collation takes as equal.
 */
function sameCell({ facts, column }: RelationColumn, left: string, right: string): string {
  const { name } = facts
  if (name === 'json') return `CAST(CAST(${left} AS CHAR) AS BINARY) <=> CAST(CAST(${right} AS CHAR) AS BINARY)`
  if (facts.collation !== undefined || column.type.kind === 'text') return `CAST(${left} AS BINARY) <=> CAST(${right} AS BINARY)`
  return `${left} <=> ${right}`
}

/** SQL that is true where all cells of two rows are the same; `at` gives the two sides of a column. */
export function sameCells(columns: readonly RelationColumn[], at: (index: number) => readonly [string, string]): string {
  return columns.length === 0 ? 'true' : columns.map((column, index) => sameCell(column, ...at(index))).join(' AND ')
}

/** SQL that is true where the keys of two rows are equal, as an index finds them. */
export function sameKey(lefts: readonly string[], rights: readonly string[]): string {
  return lefts.map((left, index) => `${left} = ${rights[index] ?? 'NULL'}`).join(' AND ')
}

/** A cell of the table that is written, in SQL. */
export function targetCell({ column }: RelationColumn): string {
  return `t.${identifier(column.name)}`
}
