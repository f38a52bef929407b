import type { Type } from '../../core/types.ts'
import { identifier } from '../../duckdb/sql.ts'
import { canonicalType, duckdbType } from '../../duckdb/types.ts'

/** A column of a Parquet file as DuckDB reads it. */
export interface ParquetColumn {
  readonly name: string
  readonly type: Type
  /** Gives the cell in the DuckDB type of `type`, or its canonical text where no DuckDB type holds it. */
  readonly expression: string
}

/** The canonical type of a column by what DuckDB's `DESCRIBE` says of it. */
export function parquetColumn(name: string, duckdb: string): ParquetColumn {
  const cell = identifier(name)
  const type = canonicalType(duckdb)
  if (type.kind !== 'other') return { name, type, expression: native(cell, duckdb, type) }
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
