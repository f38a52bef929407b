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
