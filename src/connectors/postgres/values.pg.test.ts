import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Snapshot } from '../connector.ts'
import { Bench } from './testing.ts'

/** Built-in types by the name a column declares, with texts at their edges. */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
  oid: ['0', '4294967295'],
  'numeric(12,2)': ['-9999999999.99', '1.50', 'NaN'],
  'numeric(3,-2)': ['99900', '-100'],
  'numeric(2,4)': ['0.0099'],
  numeric: ['NaN', 'Infinity', '-Infinity', '1.00', '1.0', '-0.000001', `${'9'.repeat(1000)}`, `0.${'1'.repeat(1000)}`],
  real: ['NaN', 'Infinity', '-Infinity', '-0', '3.4028235e+38', '1e-45', '0.1'],
  'double precision': ['NaN', 'Infinity', '-Infinity', '-0', '1.7976931348623157e+308', '5e-324', '0.1', '1e+22'],
  money: ['$1,234.56', '-$92,233,720,368,547,758.08'],
  text: [
    '',
    ' ',
    '\\.',
    '\\N',
    'NULL',
    '"',
    ',',
    'a\nb',
    'a\r\nb',
    '\n\\.\n',
    '𝄞',
    '👩‍👩‍👧',
    '\ufeffbom',
    '\u{10ffff}',
    'e\u0301',
    "it's",
    'x'.repeat(300_000),
  ],
  'character varying(5)': ['', 'abcde', '𝄞𝄞𝄞𝄞𝄞', '  a  '],
  'character(5)': ['ab   ', '     ', '𝄞    '],
  name: ['', 'x'.repeat(63)],
  '"char"': ['a', ''],
  bytea: ['\\x', '\\x00', '\\xdeadbeef'],
  date: ['infinity', '-infinity', '4713-01-01 BC', '0044-03-15 BC', '0001-01-01', '5874897-12-31'],
  'time without time zone': ['00:00:00', '24:00:00', '23:59:59.999999'],
  'time(0) without time zone': ['23:59:59'],
  'time with time zone': ['24:00:00-15:59', '00:00:00+15:59', '12:00:00.5+00'],
  'timestamp without time zone': [
    'infinity',
    '-infinity',
    '4713-01-01 00:00:00 BC',
    '294276-12-31 23:59:59.999999',
    '2024-01-01 00:00:00.000001',
  ],
  'timestamp(3) without time zone': ['2024-01-01 00:00:00.123'],
  'timestamp with time zone': [
    'infinity',
    '-infinity',
    '4713-01-01 00:00:00+00 BC',
    '294276-12-31 23:59:59.999999+00',
    '2024-03-31 01:30:00+00',
  ],
  interval: ['1 day', '24:00:00', '-178000000 years', '1 year 2 mons 3 days -04:05:06.789', '00:00:00.000001'],
  'interval day to second(3)': ['1 day 02:03:04.567'],
  json: ['{"b" : 1, "a":  [1.50, null], "a": 2}', '"𝄞"', 'null', '1E400'],
  jsonb: ['{"a": 2, "b": 1.50}', 'null', '[]', '1234567890123456789012345678901234567890'],
  jsonpath: ['$."a"[*]?(@ > 1)'],
  uuid: ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  xml: ['<a b="1">&amp;</a>', '<!DOCTYPE x><x/>', 'text <b/> content'],
  inet: ['192.168.0.1', '10.0.0.0/8', '::1', '2001:db8::/32'],
  cidr: ['10.0.0.0/8', '::/0'],
  macaddr: ['08:00:2b:01:02:03'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  'bit(4)': ['0101'],
  'bit varying': ['', '1', '10101'],
  tsvector: ["'a':1A,2 'it''s':3 '\\\\':4"],
  tsquery: ["'a' & !'b':*"],
  point: ['(1,-0.5)', '(NaN,Infinity)'],
  line: ['{1,2,3}'],
  lseg: ['[(0,0),(1,1)]'],
  box: ['(1,1),(0,0)'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1))'],
  polygon: ['((0,0),(1,1),(2,0))'],
  circle: ['<(0,0),1>'],
  pg_lsn: ['16/B374D848'],
  xid8: ['18446744073709551615'],
  txid_snapshot: ['10:20:10,14'],
  tid: ['(1,2)'],
  regclass: ['pg_class', '-'],
  regtype: ['integer'],
  int4range: ['empty', '[1,5)', '(,)'],
  numrange: ['[1.0,2.00]', '(,3)'],
  tstzrange: ['["2024-01-01 00:00:00+00",infinity)'],
  int8multirange: ['{}', '{[1,2),[5,)}'],
  'integer[]': ['{}', '{1,NULL,3}', '{{1,2},{3,NULL}}', '[0:1]={5,6}'],
  'text[]': ['{"",NULL,"NULL","a,b","\\"q\\"","\\\\"}', '{𝄞}'],
  'numeric(5,2)[]': ['{1.50,NaN}'],
  'timestamp with time zone[]': ['{infinity,"2024-01-01 00:00:00+00"}'],
  'int4range[]': ['{"[1,2)",empty}'],
  'bytea[]': ['{"\\\\x00","\\\\x"}'],
  'regclass[]': ['{pg_class}'],
}

const userTypes = `
  CREATE SCHEMA "my types";
  CREATE TYPE "my types".mood AS ENUM ('sad', 'it''s ok', 'Happy, "very"');
  CREATE DOMAIN public.price AS numeric(5,2) DEFAULT 0 CONSTRAINT positive CHECK (VALUE >= 0) CHECK (VALUE < 900);
  CREATE DOMAIN public.shout AS text COLLATE "C" NOT NULL;
  CREATE DOMAIN public.price2 AS public.price;
  CREATE TYPE public.pair AS ("left side" integer, m "my types".mood, t varchar(3) COLLATE "C");
  CREATE TYPE public.floats AS RANGE (subtype = double precision, subtype_diff = float8mi, multirange_type_name = public.many_floats);
  CREATE TYPE public.moods AS RANGE (subtype = "my types".mood);
  CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
  CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public`

const userMade: Readonly<Record<string, readonly string[]>> = {
  '"my types".mood': ['sad', "it's ok", 'Happy, "very"'],
  'public.price': ['1.50', '899.99'],
  'public.price2': ['0.00'],
  'public.pair': ['(1,sad,abc)', '(,,)', '(-1,"Happy, ""very""",)'],
  'public.floats': ['[0.1,2.5)', 'empty'],
  'public.many_floats': ['{[1,2),[3,4)}'],
  'public.moods': ['[sad,"it\'s ok"]'],
  '"my types".mood[]': ['{sad,NULL}', '{{sad},{"it\'s ok"}}'],
  'public.pair[]': ['{"(1,sad,)",NULL}'],
  'public.price[]': ['{1.50}'],
  'public.moods[]': ['{"[sad,sad]"}'],
  'public.citext': ['MiXeD', ''],
  'public.citext[]': ['{A,a}'],
  'public.hstore': ['"a"=>"1", "b"=>NULL', ''],
}

test('every built-in type keeps its values and its declared type, as binary and as text', async () => {
  await using from = await freshDatabase()
  await using to = await freshDatabase()
  await using source = await Bench.open(from.url)
  await using target = await Bench.open(to.url)
  await survives(source, target, builtIn)
}, 60_000)

test('types that users made, and those of extensions, travel with their values', async () => {
  await using from = await freshDatabase()
  await using to = await freshDatabase()
  await using source = await Bench.open(from.url)
  await using target = await Bench.open(to.url)
  await source.sql(userTypes)
  // The OIDs of the two databases shall differ.
  await target.sql('CREATE TYPE public.other AS ENUM (); CREATE TYPE public.another AS (a int)')
  await survives(source, target, userMade)
  const [price] = await target.texts(`SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'positive'`)
  expect(price).toEqual(['CHECK ((VALUE >= (0)::numeric))'])
}, 60_000)

/** One table with a column for each type: copied by every form, and changed row by row with itself as the before image. */
async function survives(source: Bench, target: Bench, types: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const names = Object.keys(types)
  const columns = names.map((_, index) => `c${index}`)
  const most = Math.max(...Object.values(types).map((texts) => texts.length))
  await source.sql(
    `SET lc_monetary = 'C'; CREATE TABLE edges (id integer PRIMARY KEY, ${names.map((name, index) => `c${index} ${name}`).join(', ')})`,
  )
  for (let row = 0; row <= most; row++) {
    const cells = names.map((name) => {
      const text = types[name]?.[row]
      return text === undefined ? 'NULL' : `'${text.replaceAll("'", "''")}'::${name}`
    })
    await source.sql(`INSERT INTO edges VALUES (${[row, ...cells].join(', ')})`)
  }
  const shown = `SELECT id, ${columns.map((name) => `${name}::text`).join(', ')} FROM edges ORDER BY id`
  await target.sql("SET lc_monetary = 'C'")
  const described = await source.endpoint.describe({ name: 'edges' })
  if (!described) throw new Error('not described')

  for (const form of ['pgcopy', 'csv'] as const) {
    await using view = await source.reader.snapshot()
    const request = { source: { table: described.ref } }
    const portable = form === 'csv' ? described.columns : await portableColumns(view, described.columns)
    const rows = await view.read({ ...request, columns: portable.map((column) => column.name) })
    await using session = await target.writer.begin()
    await session.ensureTable(described)
    const loaded = await session.append({ ...described, columns: portable }, form === 'csv' ? onlyCsv(rows) : rows)
    expect(loaded).toBe(most + 1)
    await session.commit()
    const kept = new Set(portable.map((column) => column.name))
    const expected = await source.texts(shown)
    const found = await target.texts(shown)
    for (const [index, name] of names.entries()) {
      if (!kept.has(`c${index}`)) continue
      expect(
        found.map((row) => row[index + 1]),
        `${name} by ${form}`,
      ).toEqual(expected.map((row) => row[index + 1]))
    }
    const there = await target.endpoint.describe({ name: 'edges' })
    expect(there?.columns.map((column) => [column.name, column.native?.name, column.type])).toEqual(
      described.columns.map((column) => [column.name, column.native?.name, column.type]),
    )
    if (form === 'pgcopy') await target.sql('DROP TABLE edges')
  }

  await using view = await source.reader.snapshot()
  await using other = await target.reader.snapshot()
  const request = { source: { table: described.ref } }
  expect(await other.checksum?.(request)).toEqual(await view.checksum?.(request))

  const { csv } = await view.read(request)
  const doubled = await view.read({
    source: { query: `SELECT *, ${['id', ...columns].map((name) => `${name} AS "before:${name}"`).join(', ')} FROM edges` },
  })
  await using session = await target.writer.begin()
  const none: Rows & { count: number } = { columns: described.columns, count: 0 }
  const changes = {
    key: ['id'],
    inserts: none,
    updates: { ...onlyCsv(doubled), count: most + 1 },
    deletes: { columns: described.columns, csv: (parts: number) => csv?.(parts) ?? [], count: most + 1 },
  }
  const updated = await session.apply?.(described, { ...changes, deletes: none })
  expect(updated).toEqual({ inserted: 0, deleted: 0, updated: most + 1, moved: [] })
  const deleted = await session.apply?.(described, { ...changes, updates: none })
  expect(deleted).toEqual({ inserted: 0, deleted: most + 1, updated: 0, moved: [] })
}

/** Those that are offered as binary: what names OIDs of its own database is not. */
async function portableColumns(view: Snapshot, columns: readonly Column[]): Promise<readonly Column[]> {
  const offered: Column[] = []
  for (const column of columns) {
    const rows = await view.read({ source: { table: { name: 'edges' } }, columns: [column.name] })
    if (rows.pgcopy) offered.push(column)
  }
  const kept = columns.filter((column) => !offered.includes(column)).map((column) => column.native?.name)
  for (const name of kept) expect(name).toMatch(/^reg|mood|pair|price\[|citext\[/)
  return offered
}

function onlyCsv({ columns, csv }: Rows): Rows {
  return { columns, ...(csv ? { csv } : {}) }
}
