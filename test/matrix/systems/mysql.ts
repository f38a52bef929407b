import type { FreshDatabase } from '../../services/fresh-database.ts'
import { freshMysqlDatabase, mysqlFlavor } from '../../services/mysql.ts'
import { columnName, type MatrixSystem, type OpenSystem, own, type Sample, type SampleTable, sample } from '../system.ts'
import { literal } from './quote.ts'

const finite = { rare: false, without: ['-0'] }

/** Its documents are numbers and members; it shows them in a form of its own. */
const ownDocument = '{"a": "\\u0000-free 𝄞", "b": [1, {"c": null}]}'
const respelled = { '{"b":[1,{"c":null}],"a":"\\u0000-free 𝄞"}': ownDocument, '{"a":1.50}': '{"a": 1.5}' }

/** MariaDB's documents are texts. */
export const mariadb = systemOf('mariadb', 'MariaDB', { float: { '-0': '0' } }, sample('json', 'json'))
export const mysql = systemOf(
  'mysql',
  'MySQL',
  { float: { '-0': '0' }, json: respelled },
  own('json', 'json', '{"a": 1}', '[]', 'null', '"text"', '1234567890123456789', ownDocument),
)

/** The one that the tests' server is. */
export const mysqlHere = mysqlFlavor === 'mysql' ? mysql : mariadb

function systemOf(id: string, title: string, equates: NonNullable<MatrixSystem['equates']>, json: Sample): MatrixSystem {
  return {
    id,
    title,
    target: true,
    equates,
    samples: samplesWith(json),
    async open() {
      return new OpenMysql(await freshMysqlDatabase())
    },
  }
}

function samplesWith(json: Sample): readonly Sample[] {
  return [
    sample('tinyint(1)', 'boolean'),
    sample('tinyint', 'tinyint'),
    sample('smallint', 'smallint'),
    own('mediumint', 'integer', '-8388608', '8388607'),
    sample('int', 'integer'),
    sample('bigint', 'bigint'),
    sample('tinyint unsigned', 'utinyint'),
    sample('smallint unsigned', 'usmallint'),
    sample('int unsigned', 'uinteger'),
    sample('bigint unsigned', 'ubigint'),
    own('bit(8)', 'utinyint', '0', '255'),
    own('year', 'usmallint', '1901', '2155'),
    sample('decimal(12,2)', 'decimal(12,2)'),
    own('decimal(65,30)', 'decimal(65,30)', `-${'9'.repeat(35)}.${'9'.repeat(30)}`, `0.${'0'.repeat(29)}1`),
    sample('float', 'real', finite),
    sample('double', 'double', finite),
    own('char(5)', 'text(5)', '', 'ab', 'abcde', '𝄞𝄞𝄞𝄞𝄞'),
    sample('varchar(5)', 'text(5)', { without: ['  a  '] }),
    sample('longtext', 'text'),
    own('varbinary(20)', 'bytes(20)', '\\x', '\\x00ff7f80'),
    sample('longblob', 'bytes'),
    own('date', 'date', '0000-00-00', '0001-01-01', '1969-12-31', '2000-02-29', '9999-12-31'),
    own('time(6)', 'time(6)', '-838:59:59', '00:00:00', '12:00:00.5', '838:59:59'),
    own('datetime', 'timestamp(0)', '0000-00-00 00:00:00', '2024-03-31 02:30:00'),
    sample('datetime(6)', 'timestamp(6)', { rare: false }),
    own('timestamp(6)', 'timestamptz(6)', '1970-01-01 00:00:01+00', '2024-11-03 05:30:00.000001+00', '2038-01-19 03:14:07.999999+00'),
    json,
    own("enum('ok','so so')", 'other', 'ok', 'so so'),
    own("set('a','b')", 'other', '', 'a', 'a,b'),
  ]
}

class OpenMysql implements OpenSystem {
  readonly #database: FreshDatabase

  constructor(database: FreshDatabase) {
    this.#database = database
  }

  get connection() {
    return this.#database.url
  }

  object(name: string): string {
    return name
  }

  async create(name: string, { samples, rows }: SampleTable): Promise<void> {
    await using client = await this.#database.connect()
    const columns = samples.map((one, index) => `${columnName(index)} ${one.name} NULL`)
    // Zero dates are what old settings let in.
    await client.run("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", `CREATE TABLE ${name} (id int PRIMARY KEY, ${columns.join(', ')})`)
    for (const { id, sample: at, text } of rows) {
      const one = samples[at]
      await client.run(
        `INSERT INTO ${name} (id, ${columnName(at)}) VALUES (${id}, ${text === null || !one ? 'NULL' : nativeValue(one, text)})`,
      )
    }
  }

  async read(name: string) {
    await using client = await this.#database.connect()
    const described = await client.rows(
      `SELECT column_name, column_type FROM information_schema.columns
        WHERE table_schema = database() AND table_name = ${literal(name)} ORDER BY ordinal_position`,
    )
    // MariaDB's JSON is a long text with a check.
    const [[, definition] = []] = await client.rows(`SHOW CREATE TABLE ${name}`)
    const columns = described.map(([column, type]) => ({
      name: column ?? '',
      type: definition?.includes(`json_valid(\`${column}\`)`) ? 'json' : plainType(type ?? ''),
    }))
    const cells = columns.map(({ name: column, type }) => cellText(column, type))
    return { columns, rows: await client.rows(`SELECT ${cells.join(', ')} FROM ${name}`) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]()
  }
}

/** Without the display widths that not every server tells. */
function plainType(type: string): string {
  return type === 'tinyint(1)' ? type : type.replace(/^(\w*int|year)\(\d+\)/, '$1')
}

function nativeValue({ name, type }: Sample, text: string): string {
  if (type.kind === 'bytes') return text === '\\x' ? "''" : `x'${text.slice(2)}'`
  if (type.kind === 'boolean') return text
  if (name.startsWith('bit') || type.kind === 'integer' || type.kind === 'decimal' || type.kind === 'float') return text
  return literal(text.replace(/\+00$/, type.kind === 'timestamptz' ? '' : '+00'))
}

function cellText(column: string, type: string): string {
  if (/blob|binary/.test(type)) return `concat('\\\\x', lower(hex(${column})))`
  if (type.startsWith('bit')) return `cast(${column} + 0 AS char)`
  if (type === 'float') return `cast(cast(${column} AS double) AS char)`
  return type.startsWith('timestamp') ? `concat(${column}, '+00')` : `cast(${column} AS char)`
}
