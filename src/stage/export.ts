import { createReadStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { FileFormat, FileWritten, Rows } from '../core/rows.ts'
import { literal } from '../duckdb/sql.ts'
import { batchesOf } from './batches.ts'
import type { Engine } from './engine.ts'
import { writeFile } from './file.ts'
import { heldText, type StagedRelation } from './staged.ts'

/** A relation in every form that writers take; in the order given, where one is. */
export function relationRows(engine: Engine, relation: StagedRelation, order = ''): Rows & { readonly count: number } {
  return { count: relation.rows, ...formsOf(engine, { csv: relation, typed: relation }, order) }
}

/** The forms of rows that exist as text and as values, which may be two ways of reading one thing. */
export function formsOf(
  engine: Engine,
  { csv, typed }: { readonly csv: StagedRelation; readonly typed: StagedRelation },
  order = '',
): Required<Pick<Rows, 'columns' | 'csv' | 'batches' | 'file'>> {
  return {
    columns: typed.columns,
    csv: () => [csvOf(engine, csv, order)],
    batches: () => batchesOf(typed.columns, csvOf(engine, csv, order)),
    file: async (path: string, format: FileFormat): Promise<FileWritten> => await writeFile(engine, typed, path, format, order),
  }
}

/**
 * CSV of the profile in `Rows.csv`. DuckDB writes a file with all its threads and the file is streamed: several times as
 * fast as rows that pass through JavaScript.
 */
async function* csvOf(engine: Engine, relation: StagedRelation, order: string): AsyncGenerator<Uint8Array> {
  const { columns, held } = relation
  if (columns.length === 0) return
  const path = engine.path('export')
  const texts = columns.map((column, index) => `${heldText(`c${index}`, held, column)} AS x${index}`)
  try {
    await engine.run(
      `COPY (SELECT ${texts.join(', ')} FROM ${relation.from}${order}) TO ${literal(path)} (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '')`,
    )
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 })
  } finally {
    await rm(path, { force: true })
  }
}
