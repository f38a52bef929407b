import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

/** Every built-in type that a column can have, enums, domains, composite types and arrays of them, with values at their edges. */
const values: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  smallint: ["'-32768'", '32767'],
  integer: ["'-2147483648'", '2147483647'],
  bigint: ["'-9223372036854775808'", '9223372036854775807'],
  numeric: ["'NaN'", `'${'9'.repeat(600)}.${'1'.repeat(400)}'`, "'1.0'", "'1.00'"],
  'numeric(12,2)': ["'NaN'", "'-9999999999.99'"],
  'numeric(60,20)': [`'${'8'.repeat(40)}.${'7'.repeat(20)}'`],
  real: ["'NaN'", "'-Infinity'", "'1e-45'", "'3.4028235e38'", '0.1'],
  'double precision': ["'NaN'", "'Infinity'", "'5e-324'", "'1.7976931348623157e308'", '0.1', "'-0'"],
  money: ["'-92233720368547758.08'"],
  text: ["''", "'𝄞 astral 👩‍👩‍👧'", "E'\\\\.'", 'E\'tab\\tline\\ncr\\r"quote",comma\'', "'NULL'", "E'\\\\N'"],
  'character varying(5)': ["'ab '", "''"],
  'character(5)': ["'ab'"],
  '"char"': ["'x'"],
  name: ["'a name'"],
  bytea: ["'\\x'", "'\\x00ff5c2e'"],
  date: ["'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'", "'2024-02-29'"],
  'time without time zone': ["'24:00:00'", "'00:00:00.000001'"],
  'time(3) without time zone': ["'12:34:56.789'"],
  'time with time zone': ["'24:00:00-1559'", "'04:05:06.789-08'"],
  'timestamp without time zone': [
    "'infinity'",
    "'-infinity'",
    "'4713-01-01 00:00:00 BC'",
    "'294276-12-31 23:59:59.999999'",
    "'2024-01-01 00:00:00.000001'",
  ],
  'timestamp(0) without time zone': ["'2024-01-01 00:00:01'"],
  'timestamp with time zone': [
    "'infinity'",
    "'0044-03-15 10:00:00+00 BC'",
    "'294276-12-31 23:59:59.999999+00'",
    "'2024-07-01 12:00:00.5+02'",
  ],
  interval: ["'-178000000 years'", "'1 year 2 mons -3 days 04:05:06.789'"],
  'interval day to second(3)': ["'3 days 04:05:06.789'"],
  uuid: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  json: ['\'{"b": 1, "a": [1.0, null],  "b": 2}\'', "'null'"],
  jsonb: ['\'{"b": 1, "a": [1.0, null]}\'', "'null'"],
  xml: ["'<a>x</a>'"],
  inet: ["'192.168.0.1/24'", "'::1'"],
  cidr: ["'10.0.0.0/8'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  macaddr8: ["'08:00:2b:01:02:03:04:05'"],
  'bit(5)': ["B'10101'"],
  'bit varying(8)': ["B''", "B'1'"],
  tsvector: ["'a:1A fat:2 cat:3'"],
  tsquery: ["'fat & (rat | cat)'"],
  point: ["'(1.5,-2)'"],
  line: ["'{1,2,3}'"],
  lseg: ["'[(0,0),(1,1)]'"],
  box: ["'(1,1),(0,0)'"],
  path: ["'[(0,0),(1,1)]'", "'((0,0),(1,1))'"],
  polygon: ["'((0,0),(1,1),(1,0))'"],
  circle: ["'<(0,0),1.5>'"],
  int4range: ["'empty'", "'[1,10)'", "'(,)'"],
  numrange: ["'[1.5,2.50]'"],
  tstzrange: ["'[2024-01-01 00:00:00+00,infinity)'"],
  int4multirange: ["'{[1,3),[5,7)}'"],
  oid: ['4294967295'],
  regclass: ["'pg_catalog.pg_class'"],
  pg_lsn: ["'16/B374D848'"],
  'integer[]': ["'{}'", "'{{1,NULL},{3,4}}'", "'[0:1]={7,8}'"],
  'text[]': ['\'{"",NULL,"NULL","a,b","q\\""}\''],
  'timestamp with time zone[]': ['\'{infinity,"2024-01-01 00:00:00+00"}\''],
  'jsonb[]': ['ARRAY[\'{"a": 1}\'::jsonb]'],
  mood: ["'ok'", "'so so'"],
  'mood[]': ['\'{ok,NULL,"so so"}\''],
  positive: ['1', '12.34'],
  pair: ['\'(1,"a,b")\'', "'(,)'"],
  'pair[]': ['\'{"(1,x)","(2,)"}\''],
  floats: ["'[0.5,1.5)'"],
}

const types = Object.keys(values)
const rows = Math.max(...Object.values(values).map((list) => list.length)) + 1

const setup = `
  CREATE TYPE mood AS ENUM ('ok', 'so so', 'Weird "quote" ''s');
  CREATE DOMAIN positive AS numeric(10,2) NOT NULL DEFAULT 1 CHECK (VALUE > 0);
  CREATE TYPE pair AS (a integer, b text);
  CREATE TYPE floats AS RANGE (subtype = float8);
  CREATE TABLE all_types (id bigint PRIMARY KEY, ${types.map((type, index) => `c${index} ${type}`).join(', ')})`

let source: FreshDatabase
beforeAll(async () => {
  source = await freshDatabase()
  await query(source.url, setup)
  for (let row = 0; row < rows; row++) {
    const cells = types.map((type) => (type === 'positive' ? (values[type]?.[row] ?? '7') : (values[type]?.[row] ?? 'NULL')))
    await query(source.url, `INSERT INTO all_types VALUES (${[row, ...cells].join(', ')})`)
  }
})
afterAll(async () => await source?.[Symbol.asyncDispose]())

describe.each<[string, Mode, object]>([
  ['replace, direct', 'replace', {}],
  ['replace, by the stage', 'replace', { verify: 'full' }],
  ['append', 'append', {}],
  ['upsert', 'upsert', {}],
  ['mirror', 'mirror', {}],
])('PostgreSQL → PostgreSQL, %s', (_, mode, more) => {
  test('keeps the value and the declared type of every column', async () => {
    await using target = await freshDatabase()
    using world = new World()
    const config: ConfigInput = {
      connections: { a: source.url, b: target.url },
      syncs: { types: { from: 'a#all_types', to: 'b#all_types', mode, ...more } },
    }
    expect(await world.runOne(config)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: rows, rejected: 0 } })
    expect(await declared(target.url)).toEqual(await declared(source.url))
    expect(await texts(target.url)).toEqual(await texts(source.url))
    if (mode !== 'replace') expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, unchanged: rows })
    expect(await world.verify(config)).toMatchObject({ status: 'succeeded', counts: { unchanged: rows } })
  })
})

test('a mirror changes every type of column back', async () => {
  await using target = await freshDatabase()
  using world = new World()
  const config: ConfigInput = {
    connections: { a: source.url, b: target.url },
    syncs: { types: { from: 'a#all_types', to: 'b#all_types', mode: 'mirror', guard: 'off' } },
  }
  await world.runOne(config)
  const nullable = types.flatMap((type, index) => (type === 'positive' ? [] : [`c${index} = NULL`]))
  await query(target.url, `UPDATE all_types SET ${nullable.join(', ')} WHERE id < 3`)
  await query(target.url, 'DELETE FROM all_types WHERE id = 3')
  expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1, updated: 3, deleted: 0, rejected: 0 } })
  expect(await texts(target.url)).toEqual(await texts(source.url))
})

async function query(url: string, statement: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query(statement)
    return result.rows ?? []
  } finally {
    await client.end()
  }
}

async function declared(url: string) {
  return await query(
    url,
    `SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
     WHERE attrelid = 'all_types'::regclass AND attnum > 0 ORDER BY attnum`,
  )
}

/** Every row as PostgreSQL writes it; the session's settings are the server's. */
async function texts(url: string) {
  return await query(url, 'SELECT t::text AS row FROM all_types t ORDER BY id')
}
