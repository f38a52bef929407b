import { rm } from 'node:fs/promises'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { canonicalCast } from './canonical-cast.ts'
import { CsvCount, counted } from './csv-count.ts'
import { incomingName, profileStreams, stopping } from './incoming.ts'
import type { Located } from './locate.ts'
import { readParquetCall } from './parquet-source.ts'
import { profileFiles, selectCsv } from './read-csv.ts'
import type { Workspace } from './workspace.ts'
import { writeChunks } from './write-chunks.ts'

/** Text of rows that landed in a file. */
interface Text {
  readonly path: string
  readonly count: CsvCount
}

/** Writes rows into a new Parquet file. @returns how many. */
export async function writeParquet(path: string, rows: Rows, workspace: Workspace): Promise<number> {
  // The engine that has the rows knows JSON as text only, which Parquet would then call it.
  const json = rows.columns.some(({ type }) => type.kind === 'json')
  if (rows.file && !(json && rows.csv)) return (await rows.file(path, { format: 'parquet' })).rows
  const texts: Text[] = []
  try {
    const streams = await profileStreams(rows, 2, workspace)
    // Both are read side by side: a database gives two parts faster than one.
    const landing = streams.map((stream) => land(stream, workspace))
    for (const landed of await Promise.allSettled(landing)) if (landed.status === 'fulfilled') texts.push(landed.value)
    await Promise.all(landing)
    await copyTexts(texts, rows.columns, path, workspace)
    return texts.reduce((sum, { count }) => sum + count.rows, 0)
  } finally {
    await Promise.all(texts.map((text) => workspace.remove(text.path)))
  }
}

/** Writes a new Parquet file that holds the rows of `former` and then those of `added`, in the types of `former`. */
export async function extendParquet(path: string, former: Located, added: Located, workspace: Workspace): Promise<void> {
  const [there, more] = [readParquetCall([former]), readParquetCall([added])]
  const types = new Map((await workspace.query(`DESCRIBE SELECT * FROM ${there}`)).map(([name, type]) => [String(name), String(type)]))
  const cells = (await workspace.query(`DESCRIBE SELECT * FROM ${more}`)).map(([column]) => {
    const name = identifier(String(column))
    const type = types.get(String(column))
    return type === undefined ? name : `${name}::${type} AS ${name}`
  })
  const both = `SELECT * FROM ${there} UNION ALL BY NAME SELECT ${cells.join(', ')} FROM ${more}`
  await workspace.query(`COPY (${both}) TO ${literal(path)} (FORMAT parquet)`)
}

async function land(stream: AsyncIterable<Uint8Array>, workspace: Workspace): Promise<Text> {
  const path = workspace.temporaryFile('csv')
  const count = new CsvCount()
  await writeChunks(path, counted(stopping(stream, workspace.signal), count, incomingName))
  return { path, count }
}

/** A column with a cell that DuckDB cannot hold in its type (year 294276, a NaN decimal) is written as text, which loses nothing. */
async function copyTexts(texts: readonly Text[], columns: readonly Column[], path: string, workspace: Workspace): Promise<void> {
  const asText = new Set<Column>()
  for (;;) {
    const failed = await copyOnce(texts, columns, { path, asText, workspace })
    if (!failed) return
    asText.add(failed)
    await rm(path, { force: true })
  }
}

/** @returns the first column found to hold a cell that does not fit its type, or `undefined` where the file is written. */
async function copyOnce(
  texts: readonly Text[],
  columns: readonly Column[],
  { path, asText, workspace }: { readonly path: string; readonly asText: ReadonlySet<Column>; readonly workspace: Workspace },
): Promise<Column | undefined> {
  const names = columns.map((column) => column.name)
  const files = texts.map((text) => profileFiles([text.path], text.count))
  const cells = columns.map((column, index) => {
    const name = identifier(column.name)
    return asText.has(column) ? name : `${typedCell(name, column, index)} AS ${name}`
  })
  try {
    await workspace.query(`COPY (SELECT ${cells.join(', ')} FROM ${selectCsv(files, names, names)}) TO ${literal(path)} (FORMAT parquet)`)
    return undefined
  } catch (thrown) {
    const index = /SYNCLINE_COLUMN_(\d+)/.exec(thrown instanceof Error ? thrown.message : '')?.[1]
    const column = columns[Number(index ?? -1)]
    if (!column) throw thrown
    return column
  }
}

function typedCell(text: string, column: Column, index: number): string {
  const cast = column.type.kind === 'json' ? `TRY_CAST(${text} AS JSON)` : canonicalCast(text, column)
  if (cast === undefined) return text
  return `CASE WHEN ${text} IS NULL THEN NULL ELSE coalesce(${cast}, error('SYNCLINE_COLUMN_${index}')) END`
}
