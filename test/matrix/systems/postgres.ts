import type { FreshDatabase } from '../../services/fresh-database.ts'
import { freshDatabase } from '../../services/postgres.ts'
import { columnName, type MatrixSystem, type OpenSystem, own, type SampleTable, sample } from '../system.ts'
import { literal } from './quote.ts'

const noZero = { without: ['a\u0000b'] }

export const postgres: MatrixSystem = {
  id: 'postgres',
  title: 'PostgreSQL',
  target: true,
  samples: [
    sample('boolean', 'boolean'),
    sample('smallint', 'smallint'),
    sample('integer', 'integer'),
    sample('bigint', 'bigint'),
    sample('oid', 'uinteger'),
    { ...sample('numeric(12,2)', 'decimal(12,2)'), values: ['-9999999999.99', '0.00', '1.50', '9999999999.99', 'NaN'] },
    sample('numeric(38,10)', 'decimal(38,10)'),
    sample('numeric(60,20)', 'decimal(60,20)'),
    sample('numeric', 'decimal'),
    sample('real', 'real'),
    sample('double precision', 'double'),
    own('money', 'other', '$0.01', '-$92,233,720,368,547,758.08'),
    sample('text', 'text', noZero),
    sample('character varying(5)', 'text(5)'),
    own('character(5)', 'text(5)', 'ab', '', 'abcde'),
    sample('bytea', 'bytes'),
    sample('date', 'date'),
    sample('time without time zone', 'time(6)'),
    own('time with time zone', 'other', '24:00:00-15:59', '04:05:06.789-08'),
    sample('timestamp without time zone', 'timestamp(6)'),
    own('timestamp(3) without time zone', 'timestamp(3)', '2024-01-01 00:00:00.123', '1969-12-31 23:59:59.999'),
    sample('timestamp with time zone', 'timestamptz(6)'),
    own('interval', 'other', '-178000000 years', '1 year 2 mons -3 days +04:05:06.789'),
    sample('json', 'json'),
    own('jsonb', 'json', '{"a": [1.0, null], "b": 1}', 'null', '[]', '12345678901234567890.123'),
    sample('uuid', 'uuid'),
    own('xml', 'other', '<a>x</a>'),
    own('inet', 'other', '192.168.0.1/24', '::1'),
    own('macaddr', 'other', '08:00:2b:01:02:03'),
    own('bit(5)', 'other', '10101'),
    own('point', 'other', '(1.5,-2)'),
    own('int4range', 'other', 'empty', '[1,10)', '(,)'),
    own('integer[]', 'other', '{}', '{{1,NULL},{3,4}}', '[0:1]={7,8}'),
    own('text[]', 'other', '{"",NULL,"NULL","a,b","q\\""}'),
    own('mood', 'other', 'ok', 'so so'),
  ],
  async open() {
    const database = await freshDatabase()
    await database.run("CREATE TYPE mood AS ENUM ('ok', 'so so')")
    return new OpenPostgres(database)
  },
}

class OpenPostgres implements OpenSystem {
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
    await client.run(
      "SET TimeZone = 'UTC'",
      `CREATE TABLE ${name} (id integer PRIMARY KEY, ${samples.map((one, index) => `${columnName(index)} ${one.name}`).join(', ')})`,
    )
    for (const index of samples.keys()) {
      const values = rows.flatMap(({ id, sample: at, text }) =>
        at === index ? [`(${id}, ${text === null ? 'NULL' : literal(text)})`] : [],
      )
      await client.run(`INSERT INTO ${name} (id, ${columnName(index)}) VALUES ${values.join(', ')}`)
    }
  }

  async read(name: string) {
    await using client = await this.#database.connect()
    await client.run("SET TimeZone = 'UTC'")
    const described = await client.rows(
      `SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = ${literal(name)}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    )
    const columns = described.map(([column, type]) => ({ name: column ?? '', type: type ?? '' }))
    const cells = columns.map(({ name: column, type }) => cellText(column, type))
    return { columns, rows: await client.rows(`SELECT ${cells.join(', ')} FROM ${name}`) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]()
  }
}

/** As the type shows itself, without the blanks that `character(5)` is filled with. */
function cellText(column: string, type: string): string {
  if (type.startsWith('character(')) return `${column}::text`
  return type === 'boolean' ? `CASE WHEN ${column} THEN 'true' WHEN NOT ${column} THEN 'false' END` : column
}
