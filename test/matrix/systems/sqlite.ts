import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { columnName, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'

const finite = { rare: false, without: ['-0'] }

export const sqlite: MatrixSystem = {
  id: 'sqlite',
  title: 'SQLite',
  target: true,
  equates: { float: { '-0': '0' } },
  samples: [
    sample('BOOLEAN', 'boolean'),
    sample('TINYINT', 'tinyint'),
    sample('SMALLINT', 'smallint'),
    sample('INTEGER', 'bigint'),
    sample('REAL', 'double', finite),
    sample('FLOAT32', 'real', finite),
    own('DECIMAL(10,2)', 'decimal(10,2)', '-99999999.99', '0.00', '1.50', '99999999.99'),
    own('NUMERIC', 'decimal', '1', '1.5', '-9007199254740993'),
    sample('DECIMAL_TEXT(38,10)', 'decimal(38,10)'),
    sample('DECIMAL_TEXT', 'decimal'),
    sample('UNSIGNED64_TEXT', 'ubigint'),
    sample('TEXT', 'text'),
    sample('VARCHAR(5)', 'text(5)'),
    sample('BLOB', 'bytes'),
    sample('DATE', 'date'),
    sample('TIME', 'time(6)'),
    sample('DATETIME', 'timestamp(6)'),
    own('TIMESTAMP(9)', 'timestamp(9)', '1969-12-31 23:59:59.999999999', '2024-03-31 02:30:00'),
    sample('TIMESTAMPTZ', 'timestamptz(6)'),
    sample('JSON_TEXT', 'json'),
    sample('UUID', 'uuid'),
    own('(none)', 'text', '1', 'a', '\\x00ff'),
  ],
  async open(world) {
    return new OpenSqlite(world.path(`matrix-${++databases}.sqlite`))
  },
}

let databases = 0

class OpenSqlite implements OpenSystem {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  get connection() {
    return { type: 'sqlite', path: this.#path }
  }

  object(name: string): string {
    return name
  }

  async create(name: string, { samples, rows }: SampleTable): Promise<void> {
    using database = new DatabaseSync(this.#path)
    const columns = samples.map((one, index) => `${columnName(index)} ${one.name === '(none)' ? '' : one.name}`)
    database.exec(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, ${columns.join(', ')})`)
    for (const { id, sample: at, text } of rows) {
      const one = samples[at]
      const value = text === null || !one ? null : cellOf(one, text)
      database.prepare(`INSERT INTO ${name} (id, ${columnName(at)}) VALUES (?, ?)`).run(id, value)
    }
  }

  async read(name: string) {
    using database = new DatabaseSync(this.#path)
    const described = database.prepare('SELECT name, type FROM pragma_table_info(?)').all(name)
    const columns = described.map((one) => ({ name: String(one.name), type: String(one.type) || '(none)' }))
    const statement = database.prepare(`SELECT * FROM ${name}`)
    statement.setReadBigInts(true)
    statement.setReturnArrays(true)
    const rows = statement.all() as unknown as SQLInputValue[][]
    return { columns, rows: rows.map((row) => row.map((cell, at) => textOf(cell, columns[at]?.type ?? ''))) }
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

/** As a program would store it. */
function cellOf({ name, type }: Sample, text: string): SQLInputValue {
  if (name === '(none)') return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : /^\d+$/.test(text) ? BigInt(text) : text
  switch (type.kind) {
    case 'boolean':
      return text === 'true' ? 1 : 0
    case 'integer':
      return name.endsWith('_TEXT') ? text : BigInt(text)
    case 'float':
      return Number(text)
    case 'bytes':
      return Buffer.from(text.slice(2), 'hex')
    default:
      return text
  }
}

function textOf(cell: SQLInputValue, declared: string): string | null {
  if (cell === null) return null
  if (cell instanceof Uint8Array) return `\\x${Buffer.from(cell).toString('hex')}`
  if (declared === 'BOOLEAN') return cell === 1n ? 'true' : cell === 0n ? 'false' : String(cell)
  return Object.is(cell, -0) ? '-0' : String(cell)
}
