/** Numbers as text in DuckDB's SQL: the expressions that `exact.ts` and `exact-text.ts` are made of. */

export const number = '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)'
export const numberOfAnySize = '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?'
export const numberWithExponent = '[+-]?(\\d+(\\.\\d*)?|\\.\\d+)[eE][+-]?\\d{1,3}'

/** Whether the whole text matches. */
export function matches(text: string, pattern: string): string {
  return `regexp_full_match(${text}, '${pattern}')`
}

/** Computes `expression` once and hands it to `use` by name. */
export function bound(expression: string, use: (name: string) => string): string {
  return `list_transform([${expression}], lambda bound_value: ${use('bound_value')})[1]`
}

/** `1.5e3` as `1500`, `1e-2` as `0.01`: the same number without its exponent. */
export function expandedNumber(text: string): string {
  const parts = `regexp_extract(${text}, '^([+-]?)(\\d*)\\.?(\\d*)[eE]([+-]?\\d+)$', ['sign', 'whole', 'fraction', 'exponent'])`
  return `list_transform([${parts}], lambda part: part.sign || ${movedPoint('(part.whole || part.fraction)', '(length(part.whole) + part.exponent::INTEGER)')})[1]`
}

function movedPoint(digits: string, point: string): string {
  return `CASE WHEN ${point} <= 0 THEN '0.' || repeat('0', -${point}) || ${digits}
    WHEN ${point} >= length(${digits}) THEN ${digits} || repeat('0', ${point} - length(${digits}))
    ELSE ${digits}[1:${point}] || '.' || ${digits}[${point} + 1:] END`
}
