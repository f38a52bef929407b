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

/** Whether a text has the canonical form of a type; its value may still be out of that type's range. */
export function isCanonical(text: string, type: Type): boolean {
  const form = forms[type.kind]
  return form === undefined || form.test(text)
}

const day = String.raw`\d{4,7}-\d\d-\d\d`
const clock = String.raw`\d\d:\d\d:\d\d(\.\d{1,9})?`

const forms: Readonly<Partial<Record<Type['kind'], RegExp>>> = {
  boolean: /^(true|false|t|f)$/,
  integer: /^-?\d+$/,
  decimal: /^(-?\d+(\.\d+)?|NaN|-?Infinity)$/,
  bytes: /^\\x([0-9a-f]{2})*$/,
  date: new RegExp(`^(${day}( BC)?|-?infinity)$`),
  time: new RegExp(`^${clock}$`),
  timestamp: new RegExp(`^(${day} ${clock}( BC)?|-?infinity)$`),
  timestamptz: new RegExp(`^(${day} ${clock}\\+00( BC)?|-?infinity)$`),
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
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
