import { RunError } from '../../core/errors.ts'
import type { Relation, Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { checkNames } from './columns.ts'
import { unpackedBytes } from './content.ts'
import { compressionOf, type Dataset } from './dataset.ts'
import { malformed } from './file-errors.ts'
import type { Located } from './locate.ts'
import { type ParquetColumn, parquetColumn } from './parquet-types.ts'
import { globless } from './read-csv.ts'
import type { Source, Wanted } from './source.ts'
import { sizeOf } from './stamp.ts'
import type { Workspace } from './workspace.ts'
import { writeChunks } from './write-chunks.ts'

/**
 * Opens Parquet files; DuckDB reads them where they lie.
 * @throws RunError where one is damaged, holds a column that DuckDB would round, or differs from the first in its columns.
 */
export async function openParquet(dataset: Dataset, workspace: Workspace): Promise<Source> {
  const files: Located[] = []
  for (const file of dataset.files) files.push(await unpacked(file, dataset, workspace))
  const schemas: Schema[] = []
  for (const file of files) schemas.push(await readSchema(file, workspace))
  const [first] = schemas
  for (const schema of schemas.slice(1)) if (first) checkSameColumns(first, schema)
  const rows = schemas.reduce((sum, schema) => sum + schema.rows, 0)
  return new ParquetSource(files, first?.columns ?? [], rows)
}

interface Schema {
  readonly file: Located
  readonly columns: readonly ParquetColumn[]
  readonly rows: number
}

class ParquetSource implements Source {
  readonly columns: readonly Column[]
  readonly estimate: number
  readonly #files: readonly Located[]
  readonly #expressions: ReadonlyMap<string, string>

  constructor(files: readonly Located[], columns: readonly ParquetColumn[], rows: number) {
    this.#files = files
    this.estimate = rows
    this.columns = columns.map(({ name, type }) => ({ name, type, nullable: true, limits: {} }))
    this.#expressions = new Map(columns.map(({ name, expression }) => [name, expression]))
  }

  async count(): Promise<number> {
    return this.estimate
  }

  rows(wanted: Wanted): Rows {
    return { columns: wanted.columns, relation: () => this.#relation(wanted) }
  }

  async #relation({ columns, limit }: Wanted): Promise<Relation> {
    const cells = columns.map(({ name }) => `${this.#expressions.get(name) ?? 'NULL'} AS ${identifier(name)}`)
    const end = limit === undefined ? '' : ` LIMIT ${limit}`
    const sql = `(SELECT ${cells.join(', ')} FROM ${readParquetCall(this.#files)}${end})`
    return { sql, cells: 'native', bytes: await sizeOf(this.#files.map((file) => file.path)), release: async () => {} }
  }
}

export function readParquetCall(files: readonly Located[]): string {
  return `read_parquet([${files.map((file) => literal(globless(file.path))).join(', ')}], hive_partitioning = false)`
}

/** A Parquet file within gzip or zstd is unpacked first: DuckDB has to seek in it. */
async function unpacked(file: Located, { options }: Dataset, workspace: Workspace): Promise<Located> {
  const compression = compressionOf(file, options)
  if (compression === 'none') return file
  const path = workspace.temporaryFile('parquet')
  await writeChunks(path, unpackedBytes(file, compression, workspace.signal))
  return { path, name: file.name }
}

async function readSchema(file: Located, workspace: Workspace): Promise<Schema> {
  try {
    const call = literal(globless(file.path))
    const wide = await workspace.query(
      `SELECT name FROM parquet_schema(${call}) WHERE (precision > 38 AND converted_type = 'DECIMAL') OR logical_type ~ 'DecimalType.*precision=(39|[4-9]\\d|\\d{3,})\\).*'`,
    )
    if (wide[0]) throw tooWide(file, String(wide[0][0]))
    const described = await workspace.query(`DESCRIBE SELECT * FROM ${readParquetCall([file])}`)
    const [counted] = await workspace.query(`SELECT sum(num_rows)::VARCHAR FROM parquet_file_metadata(${call})`)
    const columns = described.map(([name, type]) => parquetColumn(String(name), String(type)))
    checkNames(
      file.name,
      columns.map((c) => c.name),
    )
    return { file, columns, rows: Number(counted?.[0] ?? 0) }
  } catch (thrown) {
    if (thrown instanceof RunError) throw thrown
    const cause = {
      code: 'MALFORMED_FILE',
      message: `${file.name}: expected a Parquet file, found one that is damaged, cut short or of another format`,
    }
    throw new RunError({ ...cause, hint: 'fetch the file again, or name its format by `format:`', cause: thrown })
  }
}

function tooWide(file: Located, column: string): RunError {
  return malformed(
    { file: file.name },
    `expected decimals of at most 38 digits, found more in column ${column}`,
    'DuckDB would read them as floating point; store them as text',
  )
}

function checkSameColumns(first: Schema, other: Schema): void {
  const shown = ({ columns }: Schema) => columns.map(({ name, type }) => `${name} ${JSON.stringify(type)}`)
  const expected = shown(first)
  const found = shown(other)
  const index = Math.max(
    expected.findIndex((column, i) => column !== found[i]),
    found.findIndex((column, i) => column !== expected[i]),
  )
  if (index < 0) return
  const name = (schema: Schema) => schema.columns[index]?.name ?? 'none'
  throw malformed(
    { file: other.file.name },
    `expected the columns of ${first.file.name} with the same types: column ${index + 1} is ${name(first)} there and ${name(other)} here`,
    'files of one dataset have the same columns; name a narrower glob',
  )
}
