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
    case 'float':
      return floatText(expression)
    case 'date':
      return bc(`${expression}::VARCHAR`)
    case 'timestamp':
      return bc(`${expression}::VARCHAR`)
    case 'timestamptz':
      // The session runs in UTC, so the cast ends in `+00`.
      return bc(`${expression}::VARCHAR`)
    default:
      return `${expression}::VARCHAR`
  }
}

/** DuckDB writes `inf` and `-0.0` where the canonical text is `Infinity` and `-0`. */
function floatText(expression: string): string {
  return `CASE WHEN isinf(${expression}) THEN if(${expression} > 0, 'Infinity', '-Infinity') WHEN isnan(${expression}) THEN 'NaN' ELSE regexp_replace(${expression}::VARCHAR, '\\.0$', '') END`
}

/** DuckDB marks years before Christ as ` (BC)`. */
function bc(text: string): string {
  return `replace(${text}, ' (BC)', ' BC')`
}
