import { NotDirectError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { exactCast } from '../../duckdb/exact.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import type { CsvFacts } from './csv-scan.ts'
import { scannedRows } from './csv-scan.ts'
import { profileScan, profileStreams } from './incoming.ts'
import type { Located } from './locate.ts'
import { readParquetCall } from './parquet-source.ts'
import { profileFiles, selectCsv } from './read-csv.ts'
import type { Workspace } from './workspace.ts'
import { writeChunks } from './write-chunks.ts'

/** Writes rows into a new Parquet file. @returns how many. @throws NotDirectError where a text is not exactly a value of its column. */
export async function writeParquet(path: string, rows: Rows, workspace: Workspace): Promise<number> {
  if (rows.file) return (await rows.file(path, { format: 'parquet' })).rows
  const texts: { readonly path: string; readonly facts: CsvFacts }[] = []
  try {
    const streams = await profileStreams(rows, 2, workspace)
    // Both are read side by side: a database gives two parts faster than one.
    const landing = streams.map((stream) => land(stream, rows, workspace))
    for (const landed of await Promise.allSettled(landing)) if (landed.status === 'fulfilled') texts.push(landed.value)
    await Promise.all(landing)
    await copyTexts(texts, rows.columns, path, workspace)
    return texts.reduce((sum, { facts }) => sum + facts.rows, 0)
  } finally {
    await Promise.all(texts.map((text) => workspace.remove(text.path)))
  }
}

/** Writes a new Parquet file that holds the rows of `former` and then those of `added`, in the types of `former`. */
export async function extendParquet(path: string, former: Located, added: Located, workspace: Workspace): Promise<void> {
  const described = await workspace.query(`DESCRIBE SELECT * FROM ${readParquetCall([former])}`)
  const more = await workspace.query(`DESCRIBE SELECT * FROM ${readParquetCall([added])}`)
  const types = new Map(described.map(([name, type]) => [String(name), String(type)]))
  const cells = more.map(([column]) => {
    const name = identifier(String(column))
    const type = types.get(String(column))
    return type === undefined ? name : `${name}::${type} AS ${name}`
  })
  await workspace.query(
    `COPY (SELECT * FROM ${readParquetCall([former])} UNION ALL BY NAME SELECT ${cells.join(', ')} FROM ${readParquetCall([added])}) TO ${literal(path)} (FORMAT parquet)`,
  )
}

async function land(stream: AsyncIterable<Uint8Array>, rows: Rows, workspace: Workspace) {
  const path = workspace.temporaryFile('csv')
  const scan = profileScan(rows)
  await writeChunks(path, scannedRows(stream, scan))
  return { path, facts: scan.facts }
}

async function copyTexts(
  texts: readonly { readonly path: string; readonly facts: CsvFacts }[],
  columns: readonly Column[],
  path: string,
  workspace: Workspace,
): Promise<void> {
  const names = columns.map((column) => column.name)
  const files = texts.map((text) => profileFiles([text.path], text.facts))
  const cells = columns.map((column) => `${typedCell(column)} AS ${identifier(column.name)}`)
  try {
    await workspace.query(`COPY (SELECT ${cells.join(', ')} FROM ${selectCsv(files, names, names)}) TO ${literal(path)} (FORMAT parquet)`)
  } catch (thrown) {
    const column = /SYNCLINE_COLUMN_(\d+)/.exec(thrown instanceof Error ? thrown.message : '')?.[1]
    if (column === undefined) throw thrown
    throw notExact(columns[Number(column)]?.name ?? column, thrown)
  }

  function typedCell(column: Column): string {
    const text = identifier(column.name)
    const cast = column.type.kind === 'json' ? `TRY_CAST(${text} AS JSON)` : exactCast(text, column.type)
    if (cast === undefined) return text
    const error = `error('SYNCLINE_COLUMN_${columns.indexOf(column)}')`
    return `CASE WHEN ${text} IS NULL THEN NULL WHEN (${cast}) IS NULL THEN ${error} ELSE ${cast} END`
  }
}

function notExact(column: string, cause: unknown): NotDirectError {
  return new NotDirectError({
    code: 'NOT_EXACT',
    message: `column ${column} holds a text that Parquet cannot hold exactly as its type`,
    cause,
  })
}
