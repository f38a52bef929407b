import { rm } from 'node:fs/promises'
import { RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import { literal } from '../duckdb/sql.ts'
import { csvBytes } from './csv-bytes.ts'
import type { Engine } from './engine.ts'
import { LandedRows } from './landed.ts'
import { writeText } from './write-text.ts'

/** Rows of text streams are estimated, from how long their first lines are. */
export type LandProgress = (progress: { readonly rows: number; readonly bytes: number }) => void

/** Takes rows in the cheapest form they come in: files where they lie, text streams side by side, or batches. */
export async function land(engine: Engine, rows: Rows, onProgress: LandProgress): Promise<LandedRows> {
  if (rows.columns.length === 0) return await landBare(engine, rows)
  if (rows.relation) return await landRelation(engine, rows.columns, await rows.relation())
  if (rows.csv) return await landStreams(engine, rows.columns, rows.csv(sideBySide), onProgress)
  if (rows.batches) return await landStreams(engine, rows.columns, [csvBytes(rows.columns, rows.batches())], onProgress)
  throw new RunError({ code: 'NOT_STAGED', message: 'the rows come in no form that can be staged: files, csv or batches' })
}

/** An empty JSON file names no columns, and a target may have none that the source brings: such rows can only be counted. */
async function landBare(engine: Engine, rows: Rows): Promise<LandedRows> {
  const source = `(SELECT NULL FROM range(${await countBare(engine, rows)}))`
  return new LandedRows({ columns: [], bytes: 0, source, types: [], release: async () => {} })
}

async function countBare(engine: Engine, rows: Rows): Promise<number> {
  let count = 0
  if (rows.relation) {
    const relation = await rows.relation()
    const [[found] = []] = await engine.texts(`SELECT count(*) FROM ${relation.sql}`)
    await relation.release()
    count = Number(found)
  } else if (rows.csv) {
    for (const stream of rows.csv(1))
      for await (const bytes of stream) for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1
  } else if (rows.batches) {
    for await (const batch of rows.batches()) count += batch.rows
  }
  return count
}

/** Reads split well, even on two cores. */
const sideBySide = 2

async function landRelation(
  engine: Engine,
  columns: readonly Column[],
  relation: { readonly sql: string; readonly bytes?: number; release(): Promise<void> },
): Promise<LandedRows> {
  const described = await engine.texts(`SELECT column_type FROM (DESCRIBE SELECT * FROM ${relation.sql})`)
  const types = described.map(([type]) => shortName(type ?? 'VARCHAR'))
  return new LandedRows({ columns, bytes: relation.bytes ?? 0, source: relation.sql, types, release: () => relation.release() })
}

/** DuckDB spells this one type out where others are short. */
function shortName(type: string): string {
  return type === 'TIMESTAMP WITH TIME ZONE' ? 'TIMESTAMPTZ' : type
}

async function landStreams(
  engine: Engine,
  columns: readonly Column[],
  streams: readonly AsyncIterable<Uint8Array>[],
  onProgress: LandProgress,
): Promise<LandedRows> {
  const paths = streams.map(() => engine.path('landed'))
  const release = async () => void (await Promise.all(paths.map((path) => rm(path, { force: true }))))
  const done = streams.map(() => ({ rows: 0, bytes: 0 }))
  const total = () => done.reduce((sum, one) => ({ rows: sum.rows + one.rows, bytes: sum.bytes + one.bytes }), { rows: 0, bytes: 0 })
  const others = new AbortController()
  const writes = streams.map((stream, index) =>
    writeText(header(columns.length), stream, paths[index] ?? '', (progress) => {
      engine.throwIfAborted()
      others.signal.throwIfAborted()
      done[index] = progress
      onProgress(total())
    }),
  )
  await allOrNothing(writes, others, release)
  return new LandedRows({
    columns,
    bytes: total().bytes,
    source: readText(paths, columns.length),
    types: columns.map(() => 'VARCHAR'),
    release,
  })
}

/** Where one stream fails the others stop, and nothing stays on disk. */
async function allOrNothing(writes: readonly Promise<void>[], others: AbortController, release: () => Promise<void>): Promise<void> {
  try {
    await Promise.all(writes)
  } catch (thrown) {
    others.abort()
    await Promise.allSettled(writes)
    await release()
    throw thrown
  }
}

/** The longest line that is read at once, in bytes. The buffer is as large as DuckDB makes it by itself. */
const longestLine = 32 * 1024 * 1024

/** A line that is skipped: without it DuckDB would swallow a byte order mark that belongs to the first cell. */
function header(columns: number): string {
  return Array.from({ length: columns }, (_, index) => `l${index}`).join(',')
}

/** Everything about the text is said, because what DuckDB guesses it guesses wrong: a CRLF inside quotes made it the line end. */
function readText(paths: readonly string[], columns: number): string {
  const cells = Array.from({ length: columns }, (_, index) => `l${index}: 'VARCHAR'`).join(', ')
  return `read_csv([${paths.map(literal).join(', ')}], columns = {${cells}}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false, max_line_size = ${longestLine}, buffer_size = ${longestLine})`
}
