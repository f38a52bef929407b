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

export type TypeKind = Type['kind']

const integers: Readonly<Record<string, Type>> = {
  tinyint: { kind: 'integer', bits: 8, signed: true },
  smallint: { kind: 'integer', bits: 16, signed: true },
  integer: { kind: 'integer', bits: 32, signed: true },
  bigint: { kind: 'integer', bits: 64, signed: true },
  utinyint: { kind: 'integer', bits: 8, signed: false },
  usmallint: { kind: 'integer', bits: 16, signed: false },
  uinteger: { kind: 'integer', bits: 32, signed: false },
  ubigint: { kind: 'integer', bits: 64, signed: false },
}

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

/**
 * Reads a canonical type name, the inverse of {@link formatType}; time types default to a precision of 6.
 * @throws ConfigError naming the text and the names that exist.
 */
export function parseType(text: string): Type {
  const [, name = '', first, second] = /^\s*([a-z]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*$/i.exec(text) ?? []
  const lower = name.toLowerCase()
  const size = first === undefined ? undefined : Number(first)
  const whole = integers[lower]
  if (whole && size === undefined) return whole
  switch (lower) {
    case 'boolean':
    case 'date':
    case 'json':
    case 'uuid':
      if (size === undefined) return { kind: lower }
      break
    case 'real':
      if (size === undefined) return { kind: 'float', bits: 32 }
      break
    case 'double':
      if (size === undefined) return { kind: 'float', bits: 64 }
      break
    case 'decimal':
      if (size === undefined) return { kind: 'decimal' }
      if (size >= 1 && Number(second ?? 0) <= size) return { kind: 'decimal', precision: size, scale: Number(second ?? 0) }
      break
    case 'text':
    case 'bytes':
      if (second === undefined) return size === undefined ? { kind: lower } : { kind: lower, length: size }
      break
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      if (second === undefined && (size ?? 6) <= 9) return { kind: lower, precision: size ?? 6 }
      break
  }
  throw new ConfigError({
    code: 'UNKNOWN_TYPE',
    message: `\`${text}\` is not a type`,
    hint: `types are boolean, ${Object.keys(integers).join(', ')}, decimal(p,s), real, double, text, bytes, date, time, timestamp, timestamptz, json, uuid`,
  })
}

/** Whether two types hold the same values in the same canonical text. */
export function sameType(a: Type, b: Type): boolean {
  return formatType(a) === formatType(b)
}
