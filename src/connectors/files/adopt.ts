import type { Column, TableRef } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { duckdbType } from '../../duckdb/types.ts'
import { longestText } from './excel/write/limits.ts'
import { namedFormat } from './format.ts'

/**
 * The column as a file holds it. Text files hold values of any type, so it stays what it is; Parquet has types of its own,
 * and holds as text what it has none for. Of all files only a book limits the length of a text.
 */
export function adoptedColumn({ name, type, nullable, untyped }: Column, ref: TableRef): Column {
  const format = ref.options?.format ?? namedFormat(ref.name).format
  // CSV keeps a text as it is written; JSON tells numbers from strings, so it needs a type.
  if (untyped && format === 'csv') return { name, type, nullable, untyped }
  const unlimited: Type = type.kind === 'text' || type.kind === 'bytes' ? { kind: type.kind } : type
  if (format === 'xlsx' && type.kind === 'text') return { name, type: { kind: 'text', length: longestText }, nullable }
  if (format === 'parquet') return { name, type: parquetType(unlimited), nullable, limits: {} }
  const isDocument = type.kind === 'json' && (format === 'json' || format === 'ndjson')
  return { name, type: unlimited, nullable, ...(isDocument ? { mergesNull: true } : {}) }
}

function parquetType(type: Type): Type {
  if (type.kind === 'json') return type
  if (duckdbType(type) === undefined) return { kind: 'text' }
  // DuckDB writes microseconds whatever the precision.
  return type.kind === 'time' || type.kind === 'timestamp' || type.kind === 'timestamptz' ? { kind: type.kind, precision: 6 } : type
}
