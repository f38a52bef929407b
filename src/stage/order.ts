import type { Column } from '../core/table.ts'
import { heldAs, type StagedRelation } from './staged.ts'

/** What a held cell is sorted by, as SQL: itself, or where it is held as text, what the text means. */
export function orderOf(cell: string, column: Column, held: StagedRelation['held']): string {
  if (heldAs(held, column) === 'native') return cell
  return orderOfText(cell, column)
}

/** What canonical text is sorted by. */
export function orderOfText(text: string, { type }: Column): string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'float':
      // Texts of one value's neighbourhood by their digits.
      return `(TRY_CAST(${text} AS DOUBLE), ${text})`
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      return `(${yearOf(text)}, ${text}[strpos(${text}, '-'):])`
    default:
      return text
  }
}

/** Whether a held cell is a number or a moment that others come after: not NaN, not infinite. */
export function isBounded(cell: string, column: Column, held: StagedRelation['held']): string {
  switch (column.type.kind) {
    case 'float':
    case 'decimal':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
      if (heldAs(held, column) === 'text') return `lower(${cell}) NOT IN ('nan', 'infinity', '-infinity')`
      return column.type.kind === 'decimal' ? 'true' : `isfinite(${cell})`
    default:
      return 'true'
  }
}

/** 1 BC is the year 0 here. */
function yearOf(text: string): string {
  const year = `TRY_CAST(split_part(${text}, '-', 1) AS INTEGER)`
  return `CASE ${text} WHEN 'infinity' THEN 10000000 WHEN '-infinity' THEN -10000000 ELSE if(ends_with(${text}, ' BC'), 1 - ${year}, ${year}) END`
}
