import type { Type } from '../core/types.ts'
import { exactCast } from '../duckdb/exact.ts'
import { matches } from '../duckdb/number-text.ts'

/** A type that all cells of a column may have. */
export interface Guess {
  /** Whether a cell is such a value; NULL for NULL. */
  test(cell: string): string
  /** Aggregates of numbers that `type` needs. */
  measures(cell: string): readonly string[]
  type(measured: readonly number[]): Type
}

const whole = '-?(0|[1-9]\\d*)'

/** A leading zero or a plus sign is not a number's: it is a code, a telephone number. */
const integer: Guess = {
  test: (cell) => quickly(same(cell, 'BIGINT'), matches(cell, whole)),
  measures: (cell) => [`max(${digits(cell)})`, `count(*) FILTER (TRY_CAST(${cell} AS BIGINT) IS NULL AND ${cell} IS NOT NULL)`],
  type: ([digits = 0, pastBigint]) => (pastBigint === 0 ? { kind: 'integer', bits: 64, signed: true } : decimalType(digits, 0)),
}

const parts = (cell: string) => `regexp_extract(${cell}, '^-?(\\d*)\\.?(\\d*)[eE]([+-]?\\d+)$', ['whole', 'fraction', 'exponent'])`
const digits = (cell: string) => `length(ltrim(${cell}, '-'))`
const fraction = (cell: string) => `if(contains(${cell}, '.'), length(${cell}) - strpos(${cell}, '.'), 0)`
const hasExponent = (cell: string) => `contains(lower(${cell}), 'e')`

/** The scale of the longest fraction, exponents written out. */
const decimal: Guess = {
  test: (cell) => matches(cell, '-?((0|[1-9]\\d*)(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?'),
  measures: (cell) => [
    `max(CASE WHEN ${hasExponent(cell)} THEN greatest(length(${parts(cell)}.whole) + ${parts(cell)}.exponent::INTEGER, 1)
      ELSE greatest(${digits(cell)} - ${fraction(cell)} - contains(${cell}, '.')::INTEGER, 1) END)`,
    `max(CASE WHEN ${hasExponent(cell)} THEN greatest(length(${parts(cell)}.fraction) - ${parts(cell)}.exponent::INTEGER, 0) ELSE ${fraction(cell)} END)`,
  ],
  type: ([before = 1, after = 0]) => decimalType(before, after),
}

/** The types leave room, so that tomorrow's file fits the table that today's made: 18 digits take no more space than fewer. */
function decimalType(before: number, after: number): Type {
  const digits = before + after
  if (digits > 38) return { kind: 'decimal' }
  return { kind: 'decimal', precision: digits <= 15 ? 18 : 38, scale: after }
}

const boolean: Guess = {
  test: (cell) => `lower(${cell}) IN ('true', 'false')`,
  measures: () => [],
  type: () => ({ kind: 'boolean' }),
}

const isoDay = '\\d{4}-\\d\\d-\\d\\d'
const isoClock = '\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,9})?)?'
const isoZone = '(Z|[+-]\\d\\d(:?\\d\\d)?)'

const date: Guess = {
  test: (cell) => quickly(same(cell, 'DATE'), spelled(cell, isoDay, { kind: 'date' })),
  measures: () => [],
  type: () => ({ kind: 'date' }),
}

const timestamp: Guess = {
  test: (cell) => quickly(same(cell, 'TIMESTAMP'), spelled(cell, `${isoDay}[ T]${isoClock}`, { kind: 'timestamp', precision: 6 })),
  measures: () => [],
  type: () => ({ kind: 'timestamp', precision: 6 }),
}

const timestamptz: Guess = {
  test: (cell) =>
    quickly(
      `TRY_CAST(${cell} AS TIMESTAMP)::VARCHAR || '+00' = ${cell}`,
      spelled(cell, `${isoDay}[ T]${isoClock}${isoZone}`, { kind: 'timestamptz', precision: 6 }),
    ),
  measures: () => [],
  type: () => ({ kind: 'timestamptz', precision: 6 }),
}

/** Spelled as ISO 8601 spells it, and a day and time that there is. */
function spelled(cell: string, pattern: string, type: Type): string {
  return `CASE WHEN ${matches(cell, pattern)} THEN (${exactCast(cell, type)}) IS NOT NULL WHEN ${cell} IS NOT NULL THEN false END`
}

/** Whether a cast changes nothing of the text: cheaper to ask than a pattern. */
function same(cell: string, type: string): string {
  return `TRY_CAST(${cell} AS ${type})::VARCHAR = ${cell}`
}

/** The second test is made only of cells that fail the first. */
function quickly(cheap: string, thorough: string): string {
  return `CASE WHEN ${cheap} THEN true ELSE ${thorough} END`
}

/** From the narrowest to the widest of those that can hold for the same cells. */
export const guesses: readonly Guess[] = [integer, decimal, boolean, date, timestamp, timestamptz]
