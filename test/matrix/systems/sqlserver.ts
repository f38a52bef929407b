import { type FreshSqlServerDatabase, freshSqlServerDatabase } from '../../services/sqlserver.ts'
import { columnName, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'
import { literal } from './quote.ts'

const finite = { rare: false, without: ['-0'] }

export const sqlserver: MatrixSystem = {
  id: 'sqlserver',
  title: 'SQL Server',
  target: true,
  equates: { float: { '-0': '0' } },
  samples: [
    sample('bit', 'boolean'),
    sample('tinyint', 'utinyint'),
    sample('smallint', 'smallint'),
    sample('int', 'integer'),
    sample('bigint', 'bigint'),
    sample('decimal(12,2)', 'decimal(12,2)'),
    sample('decimal(38,10)', 'decimal(38,10)'),
    own('money', 'decimal(19,4)', '-922337203685477.5808', '0.0001'),
    sample('real', 'real', finite),
    sample('float', 'double', finite),
    own('nchar(5)', 'text(5)', '', 'ab', 'abcde'),
    own('nvarchar(5)', 'text(5)', '', 'abcde', '  a  '),
    sample('nvarchar(max)', 'text', { rare: false }),
    own('varbinary(20)', 'bytes(20)', '\\x', '\\x00ff7f80'),
    sample('varbinary(max)', 'bytes'),
    sample('date', 'date', { rare: false }),
    sample('time(6)', 'time(6)', { rare: false }),
    own('time(7)', 'time(7)', '12:34:56.1234567', '23:59:59.9999999'),
    own('smalldatetime', 'timestamp(0)', '1900-01-01 00:00:00', '2024-03-31 02:30:00'),
    own('datetime', 'timestamp(3)', '1753-01-01 00:00:00', '2024-03-31 02:30:00.003', '9999-12-31 23:59:59.997'),
    sample('datetime2(6)', 'timestamp(6)', { rare: false }),
    own('datetime2(7)', 'timestamp(7)', '2024-03-31 02:30:00.1234567', '9999-12-31 23:59:59.9999999'),
    sample('datetimeoffset(6)', 'timestamptz(6)', { rare: false }),
    own('datetimeoffset(7)', 'timestamptz(7)', '2024-03-31 02:30:00.1234567+00', '9999-12-31 23:59:59.9999999+00'),
    sample('uniqueidentifier', 'uuid'),
    own('xml', 'other', '<a>x</a>'),
  ],
  async open() {
    return new OpenSqlServer(await freshSqlServerDatabase())
  },
}

class OpenSqlServer implements OpenSystem {
  readonly #database: FreshSqlServerDatabase

  constructor(database: FreshSqlServerDatabase) {
    this.#database = database
  }

  get connection() {
    return this.#database.url
  }

  object(name: string): string {
    return `dbo.${name}`
  }

  async create(name: string, { samples, rows }: SampleTable): Promise<void> {
    await using connection = await this.#database.connect()
    const columns = samples.map((one, index) => `${columnName(index)} ${one.name} NULL`)
    await connection.run(`CREATE TABLE dbo.${name} (id int NOT NULL PRIMARY KEY, ${columns.join(', ')})`)
    for (const { id, sample: at, text } of rows) {
      const one = samples[at]
      const value = text === null || !one ? 'NULL' : nativeValue(one, text)
      await connection.run(`INSERT INTO dbo.${name} (id, ${columnName(at)}) VALUES (${id}, ${value})`)
    }
  }

  async read(name: string) {
    await using connection = await this.#database.connect()
    const described = await connection.rows(
      `SELECT c.name, t.name, c.max_length, c.precision, c.scale FROM sys.columns c JOIN sys.types t ON t.user_type_id = c.user_type_id
        WHERE c.object_id = object_id('dbo.${name}') ORDER BY c.column_id`,
    )
    const columns = described.map(([column, type, length, precision, scale]) => ({
      name: String(column),
      type: declared(String(type), Number(length), Number(precision), Number(scale)),
    }))
    const cells = columns.map(({ name: column, type }) => cellOf(column, type))
    const rows = await connection.rows(`SELECT ${cells.join(', ')} FROM dbo.${name}`)
    return { columns, rows: rows.map((row) => row.map((cell, at) => textOf(cell, columns[at]?.type ?? ''))) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]()
  }
}

function declared(type: string, length: number, precision: number, scale: number): string {
  if (/^n(var)?char$/.test(type)) return `${type}(${length < 0 ? 'max' : length / 2})`
  if (/char$|binary$/.test(type)) return `${type}(${length < 0 ? 'max' : length})`
  if (type === 'decimal' || type === 'numeric') return `${type}(${precision},${scale})`
  return /^(time|datetime2|datetimeoffset)$/.test(type) ? `${type}(${scale})` : type
}

function nativeValue({ type }: Sample, text: string): string {
  switch (type.kind) {
    case 'bytes':
      return `0x${text.slice(2)}`
    case 'boolean':
      return text === 'true' ? '1' : '0'
    case 'text':
      return `N${literal(text)}`
    case 'float':
      return `cast(${literal(text)} AS float)`
    case 'timestamptz':
      return literal(text.replace('+00', ' +00:00'))
    default:
      return literal(text)
  }
}

/** As text wherever the driver would take a value through a number or a date of JavaScript; without the blanks that `nchar(5)` is filled with. */
function cellOf(column: string, type: string): string {
  if (/^(decimal|numeric)/.test(type)) return `convert(varchar(60), ${column})`
  if (/money$/.test(type)) return `convert(varchar(60), convert(decimal(19,4), ${column}))`
  if (/^datetimeoffset/.test(type)) return `convert(varchar(40), switchoffset(${column}, '+00:00'), 121)`
  if (/^(date|time|smalldate)/.test(type)) return `convert(varchar(40), ${column}, 121)`
  if (type.startsWith('nchar')) return `rtrim(${column})`
  return type === 'xml' ? `convert(nvarchar(max), ${column})` : column
}

function textOf(cell: unknown, type: string): string | null {
  if (cell === null || cell === undefined) return null
  if (cell instanceof Uint8Array) return `\\x${Buffer.from(cell).toString('hex')}`
  if (Object.is(cell, -0)) return '-0'
  const text = String(cell)
  if (type === 'uniqueidentifier') return text.toLowerCase()
  return /^datetimeoffset/.test(type) ? text.replace(/ ?\+00:00$/, '+00') : text
}
