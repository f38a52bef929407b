import type { Column } from '../../core/table.ts'
import { exactCast } from '../../duckdb/exact.ts'
import { duckdbType } from '../../duckdb/types.ts'

/**
 * As `exactCast`, for a cell of the `csv` form (`core/rows.ts`). Where its column has a type, its text is canonical and
 * DuckDB's own cast is exact for it, which takes half the time; only years before 1 it would read as years after.
 */
export function canonicalCast(text: string, { type, untyped }: Column): string | undefined {
  const exact = exactCast(text, type)
  if (exact === undefined || untyped) return exact
  const own = `TRY_CAST(${text} AS ${duckdbType(type)})`
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return own
    case 'date':
      return `CASE WHEN suffix(${text}, 'BC') THEN ${exact} ELSE ${own} END`
    case 'timestamp':
    case 'timestamptz':
      return type.precision > 6 ? exact : `CASE WHEN suffix(${text}, 'BC') THEN ${exact} ELSE ${own} END`
    default:
      return exact
  }
}
