import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { duckdbType } from '../../duckdb/types.ts'

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

/** The canonical type of a type of DuckDB; lists, structs, intervals, enums and the like are `other`. */
function typeOf(native: string): Type {
  const known = plain[native]
  if (known) return known
  const [, precision, scale] = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(native) ?? []
  if (precision === undefined) return { kind: 'other' }
  return { kind: 'decimal', precision: Number(precision), scale: Number(scale) }
}

/** The type of DuckDB that holds every value of a canonical one; where there is none, VARCHAR holds the canonical text. */
function nativeName(type: Type): string {
  switch (type.kind) {
    case 'json':
      return 'JSON'
    case 'time':
      return type.precision <= 6 ? 'TIME' : 'TIME_NS'
    case 'timestamp':
      return type.precision <= 6 ? 'TIMESTAMP' : 'VARCHAR'
    case 'timestamptz':
      return type.precision <= 6 ? 'TIMESTAMP WITH TIME ZONE' : 'VARCHAR'
    default:
      return duckdbType(type) ?? 'VARCHAR'
  }
}

/** The column as DuckDB would create it; a type of its own is kept. */
export function adopt(column: Column): Column {
  const native = column.native?.system === 'duckdb' ? column.native.name : nativeName(column.type)
  return columnOf(column.name, native, column.nullable)
}

export function columnOf(name: string, native: string, nullable: boolean): Column {
  return { name, type: typeOf(native), nullable, native: { system: 'duckdb', name: native } }
}

/** The type that a column of DuckDB has in DDL. */
export function nativeType(column: Column): string {
  return column.native?.system === 'duckdb' ? column.native.name : nativeName(column.type)
}
