import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import { exactCast } from '../duckdb/exact.ts'
import { literal } from '../duckdb/sql.ts'
import type { Held } from './staged.ts'

/** Whether a conformed cell is past the limits of its column, as SQL; `undefined` where none can be. */
export function limitOf(cell: string, { type, limits }: Column, held: Held): string | undefined {
  if (!limits) return undefined
  switch (type.kind) {
    case 'float':
      return limits.finite ? `NOT isfinite(${held === 'text' ? `TRY_CAST(${cell} AS DOUBLE)` : cell})` : undefined
    case 'decimal':
      return limits.finite && held === 'text' ? `regexp_full_match(${cell}, 'NaN|-?Infinity')` : undefined
    default:
      return limits.least === undefined ? undefined : outside(cell, type, { least: limits.least, greatest: limits.greatest ?? '', held })
  }
}

/** Times that DuckDB does not hold, of nanoseconds for example, are told by their hour, moments by their year, of four digits. */
function outside(cell: string, type: Type, { least, greatest, held }: { least: string; greatest: string; held: Held }): string {
  if (held === 'text') return type.kind === 'time' ? `${cell} >= '24'` : `NOT regexp_full_match(${cell}, '\\d{4}-[^B]*')`
  const bound = (text: string) => exactCast(literal(text), type) ?? literal(text)
  return `${cell} NOT BETWEEN ${bound(least)} AND ${bound(greatest)}`
}
