import { ConfigError } from './errors.ts'

/**
 * The canonical types: what every system's types are translated into and out of. A value of each has one canonical text
 * (`canonical.ts`).
 */
export type Type =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  /** Exact decimal. Without a precision it holds any number of digits before and after the point. */
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  | { readonly kind: 'float'; readonly bits: 32 | 64 }
  /** Unicode text; `length` is the most characters (code points) it holds. */
  | { readonly kind: 'text'; readonly length?: number }
  | { readonly kind: 'bytes'; readonly length?: number }
  | { readonly kind: 'date' }
  /** `precision` is the number of fractional digits of a second, 0 to 9. */
  | { readonly kind: 'time'; readonly precision: number }
  /** A naive timestamp: what a calendar and a clock on a wall show, no instant. */
  | { readonly kind: 'timestamp'; readonly precision: number }
  /** An instant. Its canonical text is in UTC. */
  | { readonly kind: 'timestamptz'; readonly precision: number }
  | { readonly kind: 'json' }
  | { readonly kind: 'uuid' }
  /** What has no equal elsewhere (arrays, ranges, intervals, inet, enums …): its native text, its native type remembered on the column. */
  | { readonly kind: 'other' }

/** The canonical name of a type, as config and screens show it: `bigint`, `decimal(12,2)`, `timestamptz(6)`. */
export function formatType(type: Type): string {
  switch (type.kind) {
    case 'integer': {
      const signed = { 8: 'tinyint', 16: 'smallint', 32: 'integer', 64: 'bigint' }[type.bits]
      return type.signed ? signed : `u${signed}`
    }
    case 'decimal':
      return type.precision === undefined ? 'decimal' : `decimal(${type.precision},${type.scale ?? 0})`
    case 'float':
      return type.bits === 32 ? 'real' : 'double'
    case 'text':
    case 'bytes':
      return type.length === undefined ? type.kind : `${type.kind}(${type.length})`
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return `${type.kind}(${type.precision})`
    default:
      return type.kind
  }
}

/** Types by their canonical name: those without arguments as they are, the others from their arguments. */
const named: Readonly<Record<string, Type | ((first?: number, second?: number) => Type | undefined)>> = {
  boolean: { kind: 'boolean' },
  tinyint: { kind: 'integer', bits: 8, signed: true },
  smallint: { kind: 'integer', bits: 16, signed: true },
  integer: { kind: 'integer', bits: 32, signed: true },
  bigint: { kind: 'integer', bits: 64, signed: true },
  utinyint: { kind: 'integer', bits: 8, signed: false },
  usmallint: { kind: 'integer', bits: 16, signed: false },
  uinteger: { kind: 'integer', bits: 32, signed: false },
  ubigint: { kind: 'integer', bits: 64, signed: false },
  decimal: (precision, scale = 0) => {
    if (precision === undefined) return { kind: 'decimal' }
    return precision >= 1 && scale <= precision ? { kind: 'decimal', precision, scale } : undefined
  },
  real: { kind: 'float', bits: 32 },
  double: { kind: 'float', bits: 64 },
  text: sized('text'),
  bytes: sized('bytes'),
  date: { kind: 'date' },
  time: timed('time'),
  timestamp: timed('timestamp'),
  timestamptz: timed('timestamptz'),
  json: { kind: 'json' },
  uuid: { kind: 'uuid' },
}

function sized(kind: 'text' | 'bytes') {
  return (length?: number, extra?: number): Type | undefined => {
    if (extra !== undefined) return undefined
    return length === undefined ? { kind } : { kind, length }
  }
}

function timed(kind: 'time' | 'timestamp' | 'timestamptz') {
  return (precision = 6, extra?: number): Type | undefined => (extra === undefined && precision <= 9 ? { kind, precision } : undefined)
}

/**
 * Reads a canonical type name, the inverse of {@link formatType}; time types default to a precision of 6.
 * @throws ConfigError naming the text and the names that exist.
 */
export function parseType(text: string): Type {
  const [, name = '', first, second] = /^\s*([a-z]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i.exec(text) ?? []
  const form = Object.hasOwn(named, name.toLowerCase()) ? named[name.toLowerCase()] : undefined
  const size = first === undefined ? undefined : Number(first)
  const type =
    typeof form === 'function' ? form(size, second === undefined ? undefined : Number(second)) : size === undefined ? form : undefined
  if (type) return type
  throw new ConfigError({
    code: 'UNKNOWN_TYPE',
    message: `\`${text}\` is not a type`,
    hint: `types are ${Object.keys(named).join(', ')}; decimal(p,s), text(n), timestamp(p) take arguments`,
  })
}

/** Whether two types hold the same values in the same canonical text. */
export function sameType(a: Type, b: Type): boolean {
  return formatType(a) === formatType(b)
}
