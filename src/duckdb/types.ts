import type { Type } from '../core/types.ts'

/**
 * The DuckDB type that holds every value of a canonical type, or `undefined` where none does (decimals past 38 digits,
 * kind `other`) and the canonical text in VARCHAR is held instead. Single values may still not fit (NaN decimals, year
 * 294276, BC dates, nanoseconds in a timestamptz): loading finds those (`exact.ts`).
 */
export function duckdbType(type: Type): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return 'BOOLEAN'
    case 'integer':
      return (type.signed ? '' : 'U') + { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'BIGINT' }[type.bits]
    case 'decimal':
      return type.precision !== undefined && type.precision <= 38 ? `DECIMAL(${type.precision},${type.scale ?? 0})` : undefined
    case 'float':
      return type.bits === 32 ? 'FLOAT' : 'DOUBLE'
    case 'text':
      return 'VARCHAR'
    case 'bytes':
      return 'BLOB'
    case 'date':
      return 'DATE'
    case 'time':
      return type.precision <= 6 ? 'TIME' : undefined
    case 'timestamp':
      return type.precision <= 6 ? 'TIMESTAMP' : undefined
    case 'timestamptz':
      return type.precision <= 6 ? 'TIMESTAMPTZ' : undefined
    case 'json':
      return 'VARCHAR'
    case 'uuid':
      return 'UUID'
    case 'other':
      return undefined
  }
}

/** The canonical type of a type of DuckDB; lists, structs, intervals, enums and the like are `other`. */
export function canonicalType(native: string): Type {
  const known = Object.hasOwn(plain, native) ? plain[native] : undefined
  if (known) return known
  const [, precision, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(native) ?? []
  if (precision === undefined) return { kind: 'other' }
  return { kind: 'decimal', precision: Number(precision), scale: Number(scale) }
}

/** DuckDB's names, as its catalog writes them, of types without arguments. */
const plain: Readonly<Record<string, Type>> = {
  BOOLEAN: { kind: 'boolean' },
  TINYINT: { kind: 'integer', bits: 8, signed: true },
  SMALLINT: { kind: 'integer', bits: 16, signed: true },
  INTEGER: { kind: 'integer', bits: 32, signed: true },
  BIGINT: { kind: 'integer', bits: 64, signed: true },
  UTINYINT: { kind: 'integer', bits: 8, signed: false },
  USMALLINT: { kind: 'integer', bits: 16, signed: false },
  UINTEGER: { kind: 'integer', bits: 32, signed: false },
  UBIGINT: { kind: 'integer', bits: 64, signed: false },
  HUGEINT: { kind: 'decimal', precision: 39, scale: 0 },
  UHUGEINT: { kind: 'decimal', precision: 39, scale: 0 },
  FLOAT: { kind: 'float', bits: 32 },
  DOUBLE: { kind: 'float', bits: 64 },
  VARCHAR: { kind: 'text' },
  BLOB: { kind: 'bytes' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time', precision: 6 },
  TIME_NS: { kind: 'time', precision: 9 },
  TIMESTAMP_S: { kind: 'timestamp', precision: 0 },
  TIMESTAMP_MS: { kind: 'timestamp', precision: 3 },
  TIMESTAMP: { kind: 'timestamp', precision: 6 },
  TIMESTAMP_NS: { kind: 'timestamp', precision: 9 },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamptz', precision: 6 },
  JSON: { kind: 'json' },
  UUID: { kind: 'uuid' },
}
