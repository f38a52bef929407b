import type { MatrixSystem, OpenSystem, Sample, SampleTable } from '../system.ts'
import { createStatements, duckdb, inDuckDB, oneZero, readDuckDB } from './duckdb.ts'

/** How Parquet calls the types of DuckDB that it has. */
const names: Readonly<Record<string, string>> = {
  BOOLEAN: 'BOOLEAN',
  TINYINT: 'INT(8)',
  SMALLINT: 'INT(16)',
  INTEGER: 'INT(32)',
  BIGINT: 'INT(64)',
  UTINYINT: 'UINT(8)',
  USMALLINT: 'UINT(16)',
  UINTEGER: 'UINT(32)',
  UBIGINT: 'UINT(64)',
  'DECIMAL(12,2)': 'DECIMAL(12,2)',
  'DECIMAL(38,10)': 'DECIMAL(38,10)',
  FLOAT: 'FLOAT',
  DOUBLE: 'DOUBLE',
  VARCHAR: 'STRING',
  BLOB: 'BYTE_ARRAY',
  DATE: 'DATE',
  TIME: 'TIME(MICROS)',
  TIMESTAMP: 'TIMESTAMP(MICROS)',
  TIMESTAMP_NS: 'TIMESTAMP(NANOS)',
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP(MICROS, UTC)',
  JSON: 'JSON',
  UUID: 'UUID',
  INTERVAL: 'INTERVAL',
  "ENUM('ok', 'so so')": 'ENUM',
  'INTEGER[]': 'LIST',
  'STRUCT(a INTEGER, b VARCHAR)': 'group',
}

const duckdbNames = new Map(Object.entries(names).map(([ours, theirs]) => [theirs, ours]))

/** Nested values are JSON here. */
const nested: Readonly<Record<string, readonly string[]>> = { LIST: ['[]', '[1,null,3]'], group: ['{"a":1,"b":"x"}'] }

/** Parquet's intervals have no sign. */
const interval = '1 year 2 months 3 days 04:05:06.789'

export const parquet: MatrixSystem = {
  id: 'parquet',
  title: 'Parquet',
  target: true,
  equates: oneZero,
  samples: duckdb.samples.flatMap((one): readonly Sample[] => {
    const name = names[one.name]
    if (name === undefined) return []
    const values = nested[name]
    if (name === 'INTERVAL') return [{ ...one, name, values: [interval] }]
    return [values ? { name, type: { kind: 'json' }, values } : { ...one, name }]
  }),
  async open(world) {
    return new ParquetFolder((name) => world.path(`${name}.parquet`), world.folder)
  },
}

class ParquetFolder implements OpenSystem {
  readonly #path: (name: string) => string
  readonly connection: { readonly type: string; readonly path: string }

  constructor(path: (name: string) => string, folder: string) {
    this.#path = path
    this.connection = { type: 'files', path: folder }
  }

  object(name: string): string {
    return `${name}.parquet`
  }

  async create(name: string, { samples, rows }: SampleTable): Promise<void> {
    const types = samples.map((one) => ({ ...one, ...duckdb.samples.find((other) => other.name === duckdbNames.get(one.name)) }))
    const cells = rows.map((row) => ({ ...row, text: nativeText(samples[row.sample]?.name, row.text) }))
    await inDuckDB(':memory:', [
      ...createStatements(name, { samples: types, rows: cells }),
      `COPY ${name} TO '${this.#path(name)}' (FORMAT parquet)`,
    ])
  }

  async read(name: string) {
    const { columns, rows } = await readDuckDB(':memory:', `read_parquet('${this.#path(name)}')`, 'json')
    return { columns: columns.map((column) => ({ ...column, type: names[column.type] ?? column.type })), rows }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Nested values as DuckDB writes them. */
function nativeText(type: string | undefined, text: string | null): string | null {
  if (type === 'LIST') return text?.replace('null', 'NULL') ?? null
  return type === 'group' ? "{'a': 1, 'b': 'x'}" : text
}
