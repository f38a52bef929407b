import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { canonicalType, duckdbType } from '../../duckdb/types.ts'

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
  return { name, type: canonicalType(native), nullable, native: { system: 'duckdb', name: native }, limits: {} }
}

/** The type that a column of DuckDB has in DDL. */
export function nativeType(column: Column): string {
  return column.native?.system === 'duckdb' ? column.native.name : nativeName(column.type)
}
