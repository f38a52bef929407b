import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Relation, Rows } from '../../core/rows.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { nativeCell, textCell } from './cells.ts'
import type { Selection } from './request.ts'
import type { Work } from './work.ts'

/** The rows of a selection: as a Parquet file that another DuckDB reads in place, or as text. */
export function rowsOf(work: Work, directory: string, selection: Selection): Rows {
  return {
    columns: selection.columns,
    relation: async () => await relation(work, join(directory, `read-${randomUUID()}.parquet`), selection),
    csv: () => [csv(work, join(directory, `read-${randomUUID()}.csv`), { cells: selection.columns.map(textCell), from: selection.from })],
  }
}

/** Canonical texts as an expression each, none of which needs to be a column. */
export function rowsOfQuery(work: Work, directory: string, { columns, ...query }: TextQuery & Pick<Rows, 'columns'>): Rows {
  return { columns, csv: () => [csv(work, join(directory, `read-${randomUUID()}.csv`), query)] }
}

interface TextQuery {
  readonly cells: readonly string[]
  readonly from: string
}

/** Parquet holds every DuckDB type that canonical types map to as it is; everything else goes as canonical text. */
async function relation(work: Work, path: string, { columns, from }: Selection): Promise<Relation> {
  const cells = columns.map((column) => `${nativeCell(column)} AS ${identifier(column.name)}`).join(', ')
  await work.run(`COPY (SELECT ${cells} FROM ${from}) TO ${literal(path)} (FORMAT parquet, COMPRESSION lz4)`)
  return {
    sql: `read_parquet(${literal(path)})`,
    cells: 'native',
    bytes: (await stat(path)).size,
    release: async () => await rm(path, { force: true }),
  }
}

/** DuckDB writes the file with all its threads, and the file is streamed. */
async function* csv(work: Work, path: string, { cells, from }: TextQuery): AsyncGenerator<Uint8Array> {
  const texts = cells.map((cell, index) => `${cell} AS c${index}`).join(', ')
  try {
    await work.run(
      `COPY (SELECT ${texts} FROM ${from}) TO ${literal(path)} (FORMAT csv, HEADER false, DELIMITER ',', QUOTE '"', ESCAPE '"', NULLSTR '', FORCE_QUOTE *)`,
    )
    for await (const bytes of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      yield bytes
      work.throwIfAborted()
    }
  } finally {
    await rm(path, { force: true })
  }
}
