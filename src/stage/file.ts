import type { FileFormat, FileWritten } from '../core/rows.ts'
import { literal } from '../duckdb/sql.ts'
import type { Engine } from './engine.ts'
import { jsonObject } from './json.ts'
import { heldText, named, type StagedRelation } from './staged.ts'

/** Writes a relation into a new file of the format. */
export async function writeFile(
  engine: Engine,
  relation: StagedRelation,
  path: string,
  format: FileFormat,
  order: string,
): Promise<FileWritten> {
  const { select, options } = recipe(relation, format)
  const rows = await engine.run(`COPY (SELECT ${select} FROM ${relation.from}${order}) TO ${literal(path)} (${options})`)
  return { rows }
}

function recipe(relation: StagedRelation, format: FileFormat): { readonly select: string; readonly options: string } {
  switch (format.format) {
    case 'parquet':
      return { select: relation.columns.map((column, index) => named(`c${index}`, column)).join(', '), options: 'FORMAT parquet' }
    case 'csv':
      return { select: texts(relation), options: csvOptions(format) }
    case 'json':
      return { select: jsonObject(relation), options: `${lineOptions(format.compression)}, PREFIX '[', SUFFIX ']\n', NEW_LINE ',\n'` }
    case 'ndjson':
      return { select: jsonObject(relation), options: lineOptions(format.compression) }
  }
}

function texts({ columns, held }: StagedRelation): string {
  return columns.map((column, index) => named(heldText(`c${index}`, held, column), column)).join(', ')
}

/** NULL is an unquoted empty cell, empty text a quoted one. */
function csvOptions({ delimiter, quote, header, compression }: Extract<FileFormat, { format: 'csv' }>): string {
  const mark = literal(quote)
  return `FORMAT csv, HEADER ${header}, DELIMITER ${literal(delimiter)}, QUOTE ${mark}, ESCAPE ${mark}, NULLSTR '', COMPRESSION ${compression}`
}

/** One text a line and nothing around it: JSON is written by `json.ts`, because DuckDB's own writer sends decimals through floating point. */
function lineOptions(compression: string): string {
  return `FORMAT csv, HEADER false, DELIMITER '\x01', QUOTE '', ESCAPE '', COMPRESSION ${compression}`
}
