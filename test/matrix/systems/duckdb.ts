import { DuckDBInstance } from '@duckdb/node-api'
import type { Type } from '../../../src/core/types.ts'
import { columnName, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'
import { literal } from './quote.ts'

const last = { without: ['294276-12-31 23:59:59.999999', '294276-12-31 23:59:59.999999+00'] }
const finite = { rare: false }
/** DuckDB's storage, and Parquet as it writes it, make one value of `0` and `-0` where a column holds both. */
export const oneZero = { float: { '-0': '0' } }
const positive = { without: ['-0'] }

export const duckdb: MatrixSystem = {
  id: 'duckdb',
  title: 'DuckDB',
  target: true,
  equates: oneZero,
  samples: [
    sample('BOOLEAN', 'boolean'),
    sample('TINYINT', 'tinyint'),
    sample('SMALLINT', 'smallint'),
    sample('INTEGER', 'integer'),
    sample('BIGINT', 'bigint'),
    own('HUGEINT', 'decimal(39,0)', `-${2n ** 127n}`, '0', `${2n ** 127n - 1n}`),
    sample('UTINYINT', 'utinyint'),
    sample('USMALLINT', 'usmallint'),
    sample('UINTEGER', 'uinteger'),
    sample('UBIGINT', 'ubigint'),
    own('UHUGEINT', 'decimal(39,0)', '0', `${2n ** 128n - 1n}`),
    sample('DECIMAL(12,2)', 'decimal(12,2)'),
    sample('DECIMAL(38,10)', 'decimal(38,10)'),
    sample('FLOAT', 'real', positive),
    sample('DOUBLE', 'double', positive),
    sample('VARCHAR', 'text'),
    sample('BLOB', 'bytes'),
    sample('DATE', 'date', { without: ['4713-01-01 BC', '5874897-12-31'] }),
    sample('TIME', 'time(6)'),
    own('TIMESTAMP_S', 'timestamp(0)', '1969-12-31 23:59:59', '9999-12-31 23:59:59'),
    own('TIMESTAMP_MS', 'timestamp(3)', '1969-12-31 23:59:59.999', '9999-12-31 23:59:59.999'),
    sample('TIMESTAMP', 'timestamp(6)', last),
    own('TIMESTAMP_NS', 'timestamp(9)', '1969-12-31 23:59:59.999999999', '2024-03-31 02:30:00'),
    sample('TIMESTAMP WITH TIME ZONE', 'timestamptz(6)', last),
    own('TIME WITH TIME ZONE', 'other', '04:05:06.789-08'),
    own('INTERVAL', 'other', '1 year 2 months -3 days 04:05:06.789'),
    sample('JSON', 'json', finite),
    sample('UUID', 'uuid'),
    own('BIT', 'other', '10101'),
    own("ENUM('ok', 'so so')", 'other', 'ok', 'so so'),
    own('INTEGER[]', 'other', '[]', '[1, NULL, 3]'),
    own('STRUCT(a INTEGER, b VARCHAR)', 'other', "{'a': 1, 'b': x}"),
    own('MAP(VARCHAR, INTEGER)', 'other', '{a=1, b=2}'),
  ],
  async open(world) {
    const path = world.path(`matrix-${++databases}.duckdb`)
    return new OpenDuckDB(path)
  },
}

let databases = 0

class OpenDuckDB implements OpenSystem {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  get connection() {
    return { type: 'duckdb', path: this.#path }
  }

  object(name: string): string {
    return name
  }

  async create(name: string, table: SampleTable): Promise<void> {
    await inDuckDB(this.#path, createStatements(name, table))
  }

  async read(name: string) {
    return await readDuckDB(this.#path, name)
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** Runs statements in a database of DuckDB and closes it. @returns the rows of the last one, as texts. */
export async function inDuckDB(path: string, statements: readonly string[]): Promise<readonly (readonly (string | null)[])[]> {
  const instance = await DuckDBInstance.create(path, { autoinstall_known_extensions: 'false' })
  const connection = await instance.connect()
  try {
    await connection.run("SET TimeZone = 'UTC'")
    let rows: readonly (readonly unknown[])[] = []
    for (const statement of statements) rows = await (await connection.run(statement)).getRowsJS()
    return rows.map((row) =>
      row.map((cell) => (cell === null ? null : cell instanceof Uint8Array ? Buffer.from(cell).toString() : String(cell))),
    )
  } finally {
    connection.disconnectSync()
    instance.closeSync()
  }
}

export function createStatements(name: string, { samples, rows }: SampleTable): readonly string[] {
  const columns = samples.map((one, index) => `${columnName(index)} ${one.name}`)
  const inserts = rows.map(({ id, sample: at, text }) => {
    const one = samples[at]
    return `INSERT INTO ${name} (id, ${columnName(at)}) VALUES (${id}, ${text === null || !one ? 'NULL' : nativeValue(one, text)})`
  })
  return [`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, ${columns.join(', ')})`, ...inserts]
}

function nativeValue({ name, type }: Sample, text: string): string {
  if (type.kind === 'bytes') return `unhex('${text.slice(2)}')`
  const spelled = type.kind === 'text' ? text : text.replace(/^(\S+)(.*?)(\+00)? BC$/, '$1 (BC)$2$3')
  return `${literal(spelled).replaceAll('\u0000', "' || chr(0) || '")}::${name}`
}

/**
 * What `source`, a table or a call that reads files, holds. Texts come as bytes: the driver drops a byte order mark.
 */
export async function readDuckDB(path: string, source: string, nested: 'text' | 'json' = 'text') {
  const described = await inDuckDB(path, [`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`])
  const columns = described.map(([name, type]) => ({ name: name ?? '', type: type ?? '' }))
  const cells = columns.map(({ name, type }) => canonicalCell(nestedCell(`"${name}"`, type, nested), type))
  return { columns, rows: await inDuckDB(path, [`SELECT ${cells.map((cell) => `encode(${cell})`).join(', ')} FROM ${source}`]) }
}

function nestedCell(cell: string, type: string, nested: 'text' | 'json'): string {
  return nested === 'json' && /\[\]$|^STRUCT/.test(type) ? `to_json(${cell})` : cell
}

function canonicalCell(cell: string, type: string): string {
  if (type === 'FLOAT' || type === 'DOUBLE') {
    return `CASE WHEN isinf(${cell}) THEN if(${cell} > 0, 'Infinity', '-Infinity') WHEN isnan(${cell}) THEN 'NaN' ELSE ${cell}::VARCHAR END`
  }
  if (type === 'BLOB') return `'\\x' || lower(hex(${cell}))`
  const dated: readonly Type['kind'][] = ['date', 'timestamp', 'timestamptz']
  const text = `${cell}::VARCHAR`
  if (!dated.some((kind) => type.toLowerCase().startsWith(kind === 'timestamptz' ? 'timestamp' : kind))) return text
  return `if(contains(${text}, '(BC)'), replace(${text}, ' (BC)', '') || ' BC', ${text})`
}
