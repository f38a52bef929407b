import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { incomingCast, orMisfit } from './cells.ts'
import type { Work } from './work.ts'

/** Rows where DuckDB reads them. */
export interface Incoming extends AsyncDisposable {
  /** A parenthesized `select` of the columns, in order, each as the target column's own type and by its name. A cell that is no value of it ends the statement. */
  readonly sql: string
}

/** Files where they lie, else a Parquet file that their owner writes, else text on disk. */
export async function incomingRows(work: Work, directory: string, rows: Rows, targets: readonly Column[]): Promise<Incoming> {
  const { source, release } = await land(directory, rows)
  const described = await work.texts(`SELECT column_type FROM (DESCRIBE SELECT * FROM ${source})`)
  const types = described.map(([type]) => type ?? 'VARCHAR')
  return { sql: castSql(source, rows.columns, types, targets), [Symbol.asyncDispose]: release }
}

/** The target's column of the same name. */
export function writtenColumn(table: Table, column: Column): Column {
  const written = table.columns.find(({ name }) => name === column.name)
  if (written && !written.generated) return written
  const problem = written ? 'is computed by DuckDB and cannot be written' : 'is not there'
  throw new RunError({ code: 'COLUMN_NOT_WRITABLE', message: `column \`${column.name}\` of \`${table.ref.name}\` ${problem}` })
}

interface LandedFile {
  readonly source: string
  release(): Promise<void>
}

async function land(directory: string, rows: Rows): Promise<LandedFile> {
  if (rows.relation) {
    const relation = await rows.relation()
    return { source: relation.sql, release: async () => await relation.release() }
  }
  const path = join(directory, `write-${randomUUID()}`)
  const release = async () => await rm(path, { force: true })
  if (rows.file) {
    await rows.file(path, { format: 'parquet' })
    return { source: `read_parquet(${literal(path)})`, release }
  }
  const [stream] = rows.csv?.(1) ?? []
  if (!stream)
    throw new RunError({ code: 'FORM_NOT_TAKEN', message: 'DuckDB takes rows as files or as text only, and these cannot be had so' })
  await pipeline(Readable.from(stream), createWriteStream(path, { mode: 0o600 })).catch(async (thrown) => {
    await release()
    throw thrown
  })
  return { source: readText(path, rows.columns.length), release }
}

const longestLine = 32 * 1024 * 1024

/** Everything about the text is said, because what DuckDB guesses it may guess wrong. */
function readText(path: string, columns: number): string {
  const cells = Array.from({ length: columns }, (_, index) => `l${index}: 'VARCHAR'`).join(', ')
  return `read_csv(${literal(path)}, columns = {${cells}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', new_line = '\\n', nullstr = '', allow_quoted_nulls = false, max_line_size = ${longestLine}, buffer_size = ${longestLine})`
}

function castSql(source: string, columns: readonly Column[], types: readonly string[], targets: readonly Column[]): string {
  const casts = targets.map((target, index) => {
    const from = { native: types[index] ?? 'VARCHAR', type: columns[index]?.type ?? target.type }
    return incomingCast(`l${index}`, from, target)
  })
  const inner = casts.flatMap((cast, index) => (cast === undefined ? [] : [`, ${cast} AS v${index}`]))
  const cells = targets.map((target, index) => {
    const cell = casts[index] === undefined ? `l${index}` : orMisfit(`v${index}`, `l${index}`, target)
    return `${cell} AS ${identifier(target.name)}`
  })
  const names = targets.map((_, index) => `l${index}`).join(', ')
  return `(SELECT ${cells.join(', ')} FROM (SELECT *${inner.join('')} FROM ${source} AS landed(${names})))`
}
