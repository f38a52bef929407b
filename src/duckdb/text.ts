import type { Type } from '../core/types.ts'

/**
 * A DuckDB expression for the canonical text of `expression`, which has the DuckDB type of `type` (`types.ts`). The inverse
 * is `exactCast` in `exact.ts`.
 */
export function textExpression(expression: string, type: Type): string {
  switch (type.kind) {
    case 'text':
    case 'json':
    case 'other':
      return expression
    case 'bytes':
      return `'\\x' || lower(hex(${expression}))`
    case 'decimal':
      return decimalText(expression, type.precision, type.scale)
    case 'float':
      return floatText(expression)
    case 'date':
      return `replace(${expression}::VARCHAR, ' (BC)', ' BC')`
    case 'timestamp':
      return eraLast(`${expression}::VARCHAR`)
    case 'timestamptz':
      // Several times as fast as casting the instant, which asks a calendar for the zone.
      return eraLast(`if(isfinite(${expression}), make_timestamp(epoch_us(${expression}))::VARCHAR || '+00', ${expression}::VARCHAR)`)
    default:
      return `${expression}::VARCHAR`
  }
}

/** DuckDB writes `.50` where a decimal type has no digit before the point. */
function decimalText(expression: string, precision: number | undefined, scale: number | undefined): string {
  const text = `${expression}::VARCHAR`
  return precision !== undefined && precision === scale ? `replace(if(left(${text}, 1) = '.', '0' || ${text}, ${text}), '-.', '-0.')` : text
}

/** DuckDB writes `inf` and `-0.0` where the canonical text is `Infinity` and `-0`. */
function floatText(expression: string): string {
  return `CASE WHEN isinf(${expression}) THEN if(${expression} > 0, 'Infinity', '-Infinity') WHEN isnan(${expression}) THEN 'NaN' ELSE regexp_replace(${expression}::VARCHAR, '\\.0$', '') END`
}

/** DuckDB marks years before Christ by ` (BC)` between date and time. */
function eraLast(text: string): string {
  return `if(contains(${text}, '(BC)'), replace(${text}, ' (BC)', '') || ' BC', ${text})`
}
