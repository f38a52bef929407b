import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import { NotDirectError } from '../../core/errors.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Replaced } from '../connector.ts'
import { csvRows, errorOf } from '../sql/testing.ts'
import { Bench } from './testing.ts'

async function described(bench: Bench, name: string): Promise<Table> {
  const table = await bench.endpoint.describe({ name })
  if (!table) throw new Error(`${name} is not there`)
  return table
}

async function replace(bench: Bench, table: Table, text: string, columns: readonly Column[] = table.columns): Promise<Replaced> {
  await using session = await bench.writer.begin()
  await session.ensureTable(table)
  const replaced = await session.replace({ ...table, columns }, csvRows(columns, text))
  await session.commit()
  return replaced
}

async function oid(bench: Bench, name: string): Promise<string | null | undefined> {
  return (await bench.texts(`SELECT '${name}'::regclass::oid`))[0]?.[0]
}

test('a table on which nothing hangs is swapped, with its keys, indexes, checks and defaults under their names', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(`
    CREATE SCHEMA "odd ""place";
    CREATE TABLE "odd ""place"."my table" (id int DEFAULT 7, "e USING m" text, n numeric(5,2) NOT NULL CHECK (n > 0), g int GENERATED ALWAYS AS (id * 2) STORED,
      CONSTRAINT "the key" PRIMARY KEY (id), CONSTRAINT mails UNIQUE ("e USING m") DEFERRABLE, EXCLUDE USING gist (int4range(id, id, '[]') WITH &&));
    CREATE INDEX "by ""n" ON "odd ""place"."my table" USING btree (n DESC) INCLUDE (id) WHERE n > 1;
    CREATE UNIQUE INDEX ON "odd ""place"."my table" (lower("e USING m") COLLATE "C");
    INSERT INTO "odd ""place"."my table" SELECT i, 'm' || i, i FROM generate_series(1, 5) i`)
  const name = '"odd ""place"."my table"'
  const shape = `
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '${name}'::regclass
    UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '${name}'::regclass
    UNION ALL SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = '${name}'::regclass ORDER BY 1`
  const before = await bench.texts(shape)
  expect(before.length).toBeGreaterThan(9)
  const old = await oid(bench, name)
  const table = await described(bench, name)
  const written = table.columns.filter((column) => !column.generated)
  expect(await replace(bench, table, '2,two,2.50\n9,,1.00\n', written)).toEqual({ rows: 2, former: 5 })
  expect(await bench.texts(`SELECT * FROM ${name} ORDER BY id`)).toEqual([
    ['2', 'two', '2.50', '4'],
    ['9', null, '1.00', '18'],
  ])
  expect(await bench.texts(shape)).toEqual(before)
  expect(await oid(bench, name)).not.toBe(old)
  expect(await bench.texts(`SELECT reltuples FROM pg_class WHERE oid = '${name}'::regclass`)).toEqual([['2']])
  expect((await bench.endpoint.listTables('*')).map((ref) => ref.name)).toEqual(
    ['odd "place.my table'].map((plain) => `"${plain.split('.')[0]}".my table`.replace('odd "place', 'odd ""place')),
  )
})

test('readers see the old rows until the commit, and the old table stays where it fails', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql('CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, i FROM generate_series(1, 3) i')
  const table = await described(bench, 't')
  {
    await using session = await bench.writer.begin()
    await session.replace(table, csvRows(table.columns, '1,a\n2,b\n'))
    await using view = (await session.snapshot?.()) ?? (await bench.reader.snapshot())
    expect(await view.count({ source: { table: table.ref } })).toBe(2)
  }
  expect(await bench.texts('SELECT count(*) FROM t')).toEqual([['3']])
  for (const text of ['1,a\n1,b\n', 'x,a\n', ',a\n', '1,a,b\n', '1,"a\n']) {
    const error = await errorOf(replace(bench, table, text))
    expect(error).toBeInstanceOf(NotDirectError)
    expect(await bench.texts('SELECT count(*) FROM t')).toEqual([['3']])
  }
})

test('what hangs on a table keeps hanging: views, children by cascade, grants, triggers; rows that stay are not touched', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(`
    CREATE TABLE t (id int PRIMARY KEY, v numeric, email text UNIQUE, extra text DEFAULT 'kept');
    INSERT INTO t VALUES (1, 1.0, 'a'), (2, 2, 'b'), (3, 3, 'c'), (4, 4, 'd');
    CREATE VIEW seen AS SELECT id FROM t;
    CREATE TABLE child (id int REFERENCES t ON DELETE CASCADE); INSERT INTO child SELECT generate_series(1, 4)`)
  const table = await described(bench, 't')
  expect(table.dependents).toEqual({
    views: ['public.seen'],
    referencedBy: ['public.child.child_id_fkey'],
    cascades: ['public.child.child_id_fkey'],
    triggers: [],
    others: [],
  })
  const written = table.columns.filter((column) => column.name !== 'extra')
  const old = await oid(bench, 't')
  const [stays] = await bench.texts('SELECT xmin FROM t WHERE id = 1')
  // 1 stays, 2 and 3 swap their mails, 4 goes, 5 comes; 2 is spelled 2.0 now.
  expect(await replace(bench, table, '1,1.0,a\n2,2.0,c\n3,3,b\n5,5,d\n', written)).toEqual({ rows: 4, former: 4 })
  expect(await bench.texts('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', '1.0', 'a', 'kept'],
    ['2', '2.0', 'c', 'kept'],
    ['3', '3', 'b', 'kept'],
    ['5', '5', 'd', 'kept'],
  ])
  expect(await bench.texts('SELECT id FROM child ORDER BY 1')).toEqual([['1'], ['2'], ['3']])
  expect(await bench.texts('SELECT xmin FROM t WHERE id = 1')).toEqual([stays])
  expect(await oid(bench, 't')).toBe(old)
  expect(await errorOf(replace(bench, table, '1,1,a\n1,2,b\n', written))).toBeInstanceOf(NotDirectError)
})

test('without a key equal rows are counted', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(
    "CREATE TABLE t (a json, b float8); CREATE VIEW v AS SELECT * FROM t; INSERT INTO t VALUES ('{}', 1), ('{}', 1), ('{}', 1), ('[]', NULL), (NULL, 0)",
  )
  const table = await described(bench, 't')
  expect(await replace(bench, table, '{},1\n{},1\n[],\n[],\n,-0\n"""x""",\n')).toEqual({ rows: 6, former: 5 })
  expect(await bench.texts('SELECT a, b FROM t ORDER BY a::text, b')).toEqual([
    ['"x"', null],
    ['[]', null],
    ['[]', null],
    ['{}', '1'],
    ['{}', '1'],
    [null, '-0'],
  ])
})

test('an empty table with dependents is loaded where it is, partitions and identities too', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(
    'CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text) ; CREATE TABLE p (a int PRIMARY KEY, v text) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p DEFAULT',
  )
  const table = await described(bench, 't')
  expect(table.dependents?.others).toEqual(['sequence public.t_id_seq'])
  expect(await replace(bench, table, '5,a\n')).toEqual({ rows: 1, former: 0 })
  expect(await replace(bench, table, '5,b\n6,c\n')).toEqual({ rows: 2, former: 1 })
  expect(await bench.texts('SELECT * FROM t ORDER BY 1')).toEqual([
    ['5', 'b'],
    ['6', 'c'],
  ])
  const parted = await described(bench, 'p')
  expect(parted.dependents?.others).toEqual(['child public.p1'])
  expect(await replace(bench, parted, '1,a\n2,b\n')).toEqual({ rows: 2, former: 0 })
  expect(await replace(bench, parted, '2,c\n')).toEqual({ rows: 1, former: 2 })
  expect(await bench.texts('SELECT * FROM p1')).toEqual([['2', 'c']])
})

test('a new table gets its schema, its key after its rows, and is gone without a commit', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  const columns: readonly Column[] = [
    { name: 'Id', type: { kind: 'integer', bits: 64, signed: false }, nullable: false },
    { name: 'made up', type: { kind: 'timestamptz', precision: 9 }, nullable: true },
  ]
  const table: Table = {
    ref: { name: 'far.away' },
    kind: 'table',
    columns: columns.map((column) => bench.endpoint.adopt(column, { name: 'copy' })),
    key: ['Id'],
    uniques: [['Id']],
  }
  {
    await using session = await bench.writer.begin()
    expect(await session.ensureTable(table)).toEqual([
      'CREATE SCHEMA "far"',
      'CREATE TABLE "far"."away" ("Id" numeric(20,0) NOT NULL, "made up" timestamp with time zone)',
      'ALTER TABLE "far"."away" ADD PRIMARY KEY ("Id")',
    ])
    expect(await session.append(table, csvRows(columns, '18446744073709551615,2024-01-01 00:00:00+00\n'))).toBe(1)
    expect(await errorOf(session.append(table, csvRows(columns, '18446744073709551615,\n')))).toBeInstanceOf(NotDirectError)
  }
  expect(await bench.endpoint.describe(table.ref)).toBeUndefined()
  {
    await using session = await bench.writer.begin()
    await session.ensureTable(table)
    await session.commit()
  }
  expect(await described(bench, 'far.away')).toMatchObject({ key: ['Id'], columns: [{ nullable: false }, { nullable: true }] })
  const wider = {
    ...table,
    columns: [...table.columns, bench.endpoint.adopt({ name: 'more', type: { kind: 'json' }, nullable: false }, { name: 'copy' })],
  }
  await using session = await bench.writer.begin()
  expect(await session.ensureTable(wider)).toEqual(['ALTER TABLE "far"."away" ADD COLUMN "more" json'])
})

test('a line that would end COPY arrives as the value it is', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql('CREATE TABLE t (v text)')
  const table = await described(bench, 't')
  await using session = await bench.writer.begin()
  expect(await session.append(table, csvRows(table.columns, 'a\n\\.\n"x\n\\.\ny"\n\n""\nb\n'))).toBe(6)
  await session.commit()
  expect(await bench.texts('SELECT v FROM t')).toEqual([['a'], ['\\.'], ['x\n\\.\ny'], [null], [''], ['b']])
})

test('views that can be written to, and columns that PostgreSQL computes, are reached by INSERT', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(
    'CREATE TABLE t (id int, g int GENERATED ALWAYS AS (id + 1) STORED); CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT 1 AS id',
  )
  const [view, table, matview] = [await described(bench, 'v'), await described(bench, 't'), await described(bench, 'm')]
  await using session = await bench.writer.begin()
  expect(await session.append(view, csvRows(view.columns, '1\n2\n'))).toBe(2)
  expect(await session.append(table, csvRows(table.columns, '3,99\n'))).toBe(1)
  expect(await errorOf(session.append(matview, csvRows(matview.columns, '3\n')))).toMatchObject({ code: 'NOT_WRITABLE' })
  await session.commit()
  expect(await bench.texts('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', '2'],
    ['2', '3'],
    ['3', '4'],
  ])
})
