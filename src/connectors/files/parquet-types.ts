import type { Type } from '../../core/types.ts'
import { identifier } from '../../duckdb/sql.ts'
import { duckdbType } from '../../duckdb/types.ts'

/** A column of a Parquet file as DuckDB reads it. */
export interface ParquetColumn {
  readonly name: string
  readonly type: Type
  /** Gives the cell in the DuckDB type of `type`, or its canonical text where no DuckDB type holds it. */
  readonly expression: string
}

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
  FLOAT: { kind: 'float', bits: 32 },
  DOUBLE: { kind: 'float', bits: 64 },
  VARCHAR: { kind: 'text' },
  BLOB: { kind: 'bytes' },
  DATE: { kind: 'date' },
  TIME: { kind: 'time', precision: 6 },
  TIME_NS: { kind: 'time', precision: 9 },
  TIMESTAMP: { kind: 'timestamp', precision: 6 },
  TIMESTAMP_NS: { kind: 'timestamp', precision: 9 },
  'TIMESTAMP WITH TIME ZONE': { kind: 'timestamptz', precision: 6 },
  JSON: { kind: 'json' },
  UUID: { kind: 'uuid' },
}

/** The canonical type of a column by what DuckDB's `DESCRIBE` says of it. */
export function parquetColumn(name: string, duckdb: string): ParquetColumn {
  const cell = identifier(name)
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(duckdb)
  if (decimal) return { name, type: { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) }, expression: cell }
  const type = Object.hasOwn(plain, duckdb) ? plain[duckdb] : undefined
  if (type) return { name, type, expression: native(cell, duckdb, type) }
  if (/\[\d*\]$|^(STRUCT|MAP|UNION)\(/.test(duckdb)) return { name, type: { kind: 'json' }, expression: `to_json(${cell})::VARCHAR` }
  return { name, type: { kind: 'other' }, expression: `${cell}::VARCHAR` }
}

function native(cell: string, duckdb: string, type: Type): string {
  const wanted = duckdbType(type)
  if (wanted === undefined) return withoutTrailingZeros(`${cell}::VARCHAR`)
  return duckdb === wanted || duckdb === 'TIMESTAMP WITH TIME ZONE' ? cell : `${cell}::${wanted}`
}

/** Nanoseconds are text, whose canonical form ends without zeros. */
function withoutTrailingZeros(text: string): string {
  return `regexp_replace(regexp_replace(replace(${text}, ' (BC)', ' BC'), '(\\.\\d*?)0+( BC)?$', '\\1\\2'), '\\.( BC)?$', '\\1')`
}
