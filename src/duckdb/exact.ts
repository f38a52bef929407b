import type { Type } from '../core/types.ts'
import { bound, expandedNumber, matches, numberOfAnySize, numberWithExponent } from './number-text.ts'
import { duckdbType } from './types.ts'

/**
 * A DuckDB expression that reads canonical text (and the spellings of it that people use in files) as the DuckDB type of
 * `type`, and is NULL where the text is not exactly such a value: `1.5` is no integer, `1.555` no decimal(12,2), an offset
 * no part of a naive timestamp (rule 7; DuckDB's own casts round and drop these without a word). `undefined` where the
 * type has no DuckDB type, or every text is a value of it. A float is the nearest to its text.
 */
export function exactCast(text: string, type: Type): string | undefined {
  const native = duckdbType(type)
  if (native === undefined || native === 'VARCHAR') return undefined
  switch (type.kind) {
    case 'boolean':
      return booleanCast(text)
    case 'integer':
      return numberCast(text, '[+-]?\\d+(\\.0*)?', type, native)
    case 'decimal':
      return numberCast(text, decimalPattern(type.scale ?? 0), type, native)
    case 'float':
      return floatCast(text, native)
    case 'bytes':
      return `CASE WHEN ${matches(text, '\\\\x([0-9a-fA-F]{2})*')} THEN unhex(${text}[3:]) END`
    case 'date':
      return dateCast(text, type)
    case 'time':
      return `CASE WHEN ${matches(text, clock(type.precision))} THEN TRY_CAST(${text} AS TIME) END`
    case 'timestamp':
      return timestampCast(text, type, type.precision)
    case 'timestamptz':
      return instantCast(text, type, type.precision)
    default:
      return `TRY_CAST(${text} AS ${native})`
  }
}

function booleanCast(text: string): string {
  const is = (...words: string[]) => `lower(${text}) IN (${words.map((word) => `'${word}'`).join(', ')})`
  return `CASE WHEN ${is('t', 'true', 'yes', 'y', 'on', '1')} THEN true WHEN ${is('f', 'false', 'no', 'n', 'off', '0')} THEN false END`
}

/** Any scale, as long as nothing but zeros stands behind the digits that fit. */
export function decimalPattern(scale: number): string {
  const bare = scale === 0 ? '\\.0+' : `\\.\\d{1,${scale}}0*`
  return `[+-]?(\\d+(\\.\\d{0,${scale}}0*)?|${bare})`
}

/**
 * Whether a cast is written as the very text that was read, so that it changed nothing: asking this is about half as dear as
 * matching a pattern. True of most canonical texts and of nothing else; every other spelling goes the way of the patterns.
 * `undefined` where there is no such short way.
 */
export function unchanged(text: string, type: Type): string | undefined {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'date':
      return `TRY_CAST(${text} AS ${duckdbType(type)})::VARCHAR = ${text}`
    case 'timestamp':
      return type.precision === 6 ? `TRY_CAST(${text} AS TIMESTAMP)::VARCHAR = ${text}` : undefined
    case 'timestamptz':
      // DuckDB is slow at instants and fast at timestamps: of a text in UTC it takes the timestamp, and `+00` behind it shows that it was.
      return type.precision === 6 ? `TRY_CAST(${text} AS TIMESTAMP)::VARCHAR || '+00' = ${text}` : undefined
    default:
      return undefined
  }
}

/** The first branch of a CASE, for canonical text. */
function direct(text: string, type: Type): string {
  const same = unchanged(text, type)
  if (same === undefined) return ''
  const cast =
    type.kind === 'timestamptz' ? `make_timestamptz(epoch_us(TRY_CAST(${text} AS TIMESTAMP)))` : `TRY_CAST(${text} AS ${duckdbType(type)})`
  return `WHEN ${same} THEN ${cast}`
}

/** `1e3` is the integer 1000 and `1.5e-1` the decimal 0.15: exponents are written out before they are judged. */
function numberCast(text: string, pattern: string, type: Type, native: string): string {
  const plain = (digits: string) => `WHEN ${matches(digits, pattern)} THEN TRY_CAST(${digits} AS ${native})`
  const expanded = bound(expandedNumber(text), (digits) => `CASE ${plain(digits)} END`)
  return `CASE ${direct(text, type)} ${plain(text)} WHEN ${matches(text, numberWithExponent)} THEN ${expanded} END`
}

/**
 * The nearest number, as every database reads it: writers spell one float in several ways (PostgreSQL `388697.62` and DuckDB
 * `388697.625` in 32 bits), and all of them mean it. What is past the largest is no value.
 */
function floatCast(text: string, native: string): string {
  const cast = `TRY_CAST(${text} AS ${native})`
  return `CASE WHEN isfinite(${cast}) AND ${matches(text, numberOfAnySize)} THEN ${cast}
    WHEN ${matches(text, '(?i)[+-]?inf(inity)?|nan')} THEN ${cast} END`
}

/** There is no year 0. */
const year = '(\\d{3}[1-9]|\\d\\d[1-9]\\d|\\d[1-9]\\d\\d|[1-9]\\d{3,6})'
export const day = `${year}-\\d\\d?-\\d\\d?`
const infinite = '-?infinity'

export function clock(precision: number): string {
  return `\\d\\d?:\\d\\d(:\\d\\d(\\.\\d{0,${precision}}0*)?)?`
}

/** DuckDB would cut the time of a timestamp off; here it must be midnight. */
function dateCast(text: string, type: Type): string {
  return `CASE ${direct(text, type)} WHEN ${matches(text, `${day}([ T]00:00(:00(\\.0*)?)?)?|${infinite}`)} THEN TRY_CAST(${text} AS DATE)
    WHEN ${matches(text, `${day} BC`)} THEN TRY_CAST(replace(${text}, ' BC', ' (BC)') AS DATE) END`
}

function timestampCast(text: string, type: Type, precision: number): string {
  return `CASE ${direct(text, type)} WHEN ${matches(text, `${day}([ T]${clock(precision)})?|${infinite}`)} THEN TRY_CAST(${text} AS TIMESTAMP)
    WHEN ${matches(text, `${day} ${clock(precision)} BC`)} THEN TRY_CAST(${beforeChrist(text)} AS TIMESTAMP) END`
}

const offset = '(Z|[+-](0\\d|1[0-5])(:?[0-5]\\d(:[0-5]\\d)?)?)'

/** DuckDB reads offsets only after seconds and only without a space; it would also take `+99`. */
function instantCast(text: string, type: Type, precision: number): string {
  const seconds = `${day}[ T]\\d\\d?:\\d\\d:\\d\\d(\\.\\d{0,${precision}}0*)?`
  const respelled = `regexp_replace(regexp_replace(${text}, ' ?([Z+]|-[0-9:]+$)', '\\1'), '([ T][0-9]+:[0-9]+)([Z+-])', '\\1:00\\2')`
  return `CASE ${direct(text, type)} WHEN ${matches(text, `${seconds}${offset}|${infinite}`)} THEN TRY_CAST(${text} AS TIMESTAMPTZ)
    WHEN ${matches(text, `${day}[ T]${clock(precision)} ?${offset}`)} THEN TRY_CAST(${respelled} AS TIMESTAMPTZ)
    WHEN ${matches(text, `${seconds}${offset} BC`)} THEN TRY_CAST(${beforeChrist(text)} AS TIMESTAMPTZ) END`
}

/** DuckDB wants the era behind the date. */
function beforeChrist(text: string): string {
  return `regexp_replace(${text}, '^(\\S+) (\\S+) BC$', '\\1 (BC) \\2')`
}
