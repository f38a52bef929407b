import type { Type } from './types.ts'
import type { Value } from './value.ts'

/**
 * The one text of a value, by type. Every engine that hands over text hands over this one.
 *
 * | type | text |
 * |---|---|
 * | boolean | `true`, `false` (`t`, `f` are read too) |
 * | integer | digits, `-` before negatives |
 * | decimal | digits with `.` where it has a scale, no exponent, the scale kept as stored; `NaN`, `Infinity`, `-Infinity` |
 * | float | the shortest text that reads back as the same number; `NaN`, `Infinity`, `-Infinity` |
 * | bytes | `\x` and lower-case hex |
 * | date | `2024-01-31`; years have at least four digits, ` BC` follows; `infinity`, `-infinity` |
 * | time | `23:59:59.5`, fraction without trailing zeros; up to `24:00:00` |
 * | timestamp | date, space, time; `infinity`, `-infinity` |
 * | timestamptz | the same in UTC with `+00` after it, before ` BC` |
 * | json | the document as stored |
 * | uuid | lower case with dashes |
 * | text, other | itself, in the form its own system shows |
 */
export function canonicalText(value: Value, type: Type): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
  if (typeof value === 'number' && type.kind === 'float') return floatText(value, type.bits)
  return String(value)
}

/**
 * Whether a text is, in canonical form, one of the values of a type that few engines hold: `NaN` and infinite decimals, years
 * before Christ, years of six digits. Only the system whose type it is can say whether it takes it.
 */
export function isExtreme(text: string, type: Type): boolean {
  return extremes[type.kind]?.test(text) ?? false
}

const rest = String.raw`-\d\d-\d\d`
const day = String.raw`\d{4,7}${rest}`
const clock = String.raw` \d\d:\d\d:\d\d(\.\d{1,9})?`
const earlyOrLate = (form: string, zone = '') => new RegExp(`^(${day}${form}${zone} BC|\\d{6,7}${rest}${form}${zone})$`)

const extremes: Readonly<Partial<Record<Type['kind'], RegExp>>> = {
  decimal: /^(NaN|-?Infinity)$/,
  date: earlyOrLate(''),
  timestamp: earlyOrLate(clock),
  timestamptz: earlyOrLate(clock, String.raw`\+00`),
}

function floatText(value: number, bits: 32 | 64): string {
  if (Object.is(value, -0)) return '-0'
  return bits === 32 ? shortestSingle(value) : String(value)
}

/** The shortest decimal that rounds to the same 32-bit float. */
function shortestSingle(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === Math.fround(value)) return String(text)
  }
  return String(Number(value.toPrecision(9)))
}
