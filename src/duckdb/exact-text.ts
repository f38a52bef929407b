import type { Type } from '../core/types.ts'
import { clock, day, decimalPattern, exactCast, unchanged } from './exact.ts'
import { bound, expandedNumber, matches, number, numberWithExponent } from './number-text.ts'
import { textExpression } from './text.ts'

/**
 * A DuckDB expression for the canonical text of a text in any allowed spelling, NULL where it is not exactly a value of
 * `type`. Serves the types that DuckDB cannot hold too.
 */
export function exactText(text: string, type: Type): string {
  const cast = exactCast(text, type)
  const same = unchanged(text, type)
  // DuckDB's own mark of the era is no canonical text.
  const native = `NOT contains(${text}, '(')`
  if (cast !== undefined && same !== undefined) return `CASE WHEN ${same} AND ${native} THEN ${text} ELSE ${textExpression(cast, type)} END`
  if (cast !== undefined) return textExpression(cast, type)
  switch (type.kind) {
    case 'decimal':
      return decimalText(text, type.precision, type.scale)
    case 'time':
      return fractionText(text, clock(type.precision))
    case 'timestamp':
      return fractionText(text, `${day}[ T]${clock(type.precision)}|-?infinity`)
    case 'timestamptz':
      // Converting to UTC needs the engine's instants, which end at microseconds: only what is in UTC already is read.
      return fractionText(`regexp_replace(${text}, '(Z|[+-]00(:?00)?)$', '')`, `${day}[ T]${clock(type.precision)}|-?infinity`, '+00')
    default:
      return text
  }
}

function decimalText(text: string, precision: number | undefined, scale: number | undefined): string {
  const pattern = precision === undefined ? number : decimalPattern(scale ?? 0)
  const plain = (digits: string) =>
    `WHEN ${matches(digits, pattern)} THEN ${precision === undefined ? trimmed(digits) : padded(digits, precision, scale ?? 0)}`
  const expanded = bound(expandedNumber(text), (digits) => `CASE ${plain(digits)} END`)
  return `CASE ${plain(text)} WHEN ${matches(text, numberWithExponent)} THEN ${expanded} WHEN ${matches(text, 'NaN|-?Infinity')} THEN ${text} END`
}

/** One digit at least before the point, no `+`, no zeros in front, no bare point. */
function trimmed(digits: string): string {
  const whole = `regexp_replace(ltrim(${digits}, '+'), '^(-?)0*(\\d)', '\\1\\2')`
  return `regexp_replace(regexp_replace(${whole}, '^(-?)\\.', '\\1' || '0.'), '\\.$', '')`
}

function padded(digits: string, precision: number, scale: number): string {
  const whole = `split_part(${trimmed(digits)}, '.', 1)`
  const fraction = scale === 0 ? "''" : `'.' || rpad(split_part(${digits}, '.', 2), ${scale}, '0')`
  return `CASE WHEN length(ltrim(${whole}, '-0')) <= ${precision - scale} THEN ${whole} || ${fraction} END`
}

function fractionText(text: string, pattern: string, suffix = ''): string {
  const cut = `regexp_replace(replace(${text}, 'T', ' '), '(\\.\\d*?)0+$', '\\1')`
  return `CASE WHEN ${matches(text, pattern)} THEN rtrim(${cut}, '.') || if(contains(${text}, 'inf'), '', '${suffix}') END`
}
