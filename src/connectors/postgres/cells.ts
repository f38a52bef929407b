import type { CatalogType } from './catalog-types.ts'
import type { RelationColumn } from './relation.ts'

/** SQL that is true where two cells are the same to the last character, NULL being the same as NULL only. */
export function sameCell(column: RelationColumn, left: string, right: string): string {
  if (column.type.exactEquality && !column.looseCollation) return `${left} IS NOT DISTINCT FROM ${right}`
  // Equality is coarser than text (1.0 = 1.00, case, 1 day = 24 hours), or there is none (json, point, xml).
  return `${cellText(left)} IS NOT DISTINCT FROM ${cellText(right)}`
}

/** SQL that is true where all cells of two rows are the same; `at` gives the two sides of a column. */
export function sameCells(columns: readonly RelationColumn[], at: (index: number) => readonly [string, string]): string {
  return columns.map((column, index) => sameCell(column, ...at(index))).join(' AND ')
}

/** SQL that is true where the keys of two rows are equal, as an index finds them. */
export function sameKey(lefts: readonly string[], rights: readonly string[]): string {
  return lefts.map((left, index) => `${left} = ${rights[index] ?? 'NULL'}`).join(' AND ')
}

/**
 * SQL for the canonical text of a cell that is not NULL. Not every cast to text gives what COPY shows: of an `inet` it adds
 * the mask. `format` does, except for booleans, and for `char(n)`, whose trailing spaces mean nothing.
 */
export function canonicalCell(cell: string, type: CatalogType): string {
  return castsToCanonical(type) ? `${cell}::text` : `format('%s', ${cell})`
}

/** Types whose canonical text is their cast to text and not what COPY writes. */
export function castsToCanonical({ base }: CatalogType): boolean {
  return base.oid === boolean || base.oid === paddedChar
}

const boolean = 16
const paddedChar = 1042

function cellText(cell: string): string {
  return `(${cell})::text COLLATE "C"`
}
