import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import type { Applied } from '../../core/changes.ts'
import type { Table } from '../../core/table.ts'
import { csvRows } from '../sql/testing.ts'
import { Bench } from './testing.ts'

interface Texts {
  readonly inserts?: string
  /** Each line: the row as it shall be, then as it was read. */
  readonly updates?: string
  readonly deletes?: string
}

async function apply(bench: Bench, table: Table, { inserts = '', updates = '', deletes = '' }: Texts): Promise<Applied | undefined> {
  await using session = await bench.writer.begin()
  const columns = table.columns.filter((column) => !column.generated)
  const before = columns.map((column) => ({ ...column, name: `before:${column.name}` }))
  const applied = await session.apply?.(table, {
    key: table.key,
    inserts: csvRows(columns, inserts),
    updates: csvRows([...columns, ...before], updates),
    deletes: csvRows(columns, deletes),
  })
  await session.commit()
  return applied
}

async function prepared(url: string, sql: string): Promise<{ bench: Bench; table: Table }> {
  const bench = await Bench.open(url)
  await bench.sql(sql)
  const table = await bench.endpoint.describe({ name: 't' })
  if (!table) throw new Error('not there')
  return { bench, table }
}

test('deletes, updates and inserts go by their before images; rows that moved are left and named', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric, at timestamptz); INSERT INTO t SELECT i, 'v' || i, i, '2024-01-01 00:00+00' FROM generate_series(1, 8) i",
  )
  await using _ = bench
  const at = '2024-01-01 00:00:00+00'
  const applied = await apply(bench, table, {
    deletes: `1,v1,1,${at}\n2,other,2,${at}\n99,gone,1,${at}\n`,
    updates: `3,new,3.0,${at},3,v3,3,${at}\n4,new,4,${at},4,v4,4.0,${at}\n5,"",5,,5,v5,5,${at}\n`,
    inserts: `10,"",,\n6,there,6,\n`,
  })
  expect(applied).toEqual({
    inserted: 1,
    updated: 2,
    deleted: 1,
    moved: [
      { kind: 'delete', key: ['2'] },
      { kind: 'delete', key: ['99'] },
      // 4.0 is not 4: cells are compared as texts.
      { kind: 'update', key: ['4'] },
      { kind: 'insert', key: ['6'] },
    ],
  })
  expect(await bench.texts('SELECT id, v, n, at FROM t ORDER BY id')).toEqual([
    ['2', 'v2', '2', '2024-01-01 00:00:00+00'],
    ['3', 'new', '3.0', '2024-01-01 00:00:00+00'],
    ['4', 'v4', '4', '2024-01-01 00:00:00+00'],
    ['5', '', '5', null],
    ['6', 'v6', '6', '2024-01-01 00:00:00+00'],
    ['7', 'v7', '7', '2024-01-01 00:00:00+00'],
    ['8', 'v8', '8', '2024-01-01 00:00:00+00'],
    ['10', '', null, null],
  ])
})

test('a row that another session changes between compare and apply is not overwritten', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(db.url, "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
  await using _ = bench
  await bench.sql("BEGIN; UPDATE t SET v = 'theirs' WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (3, 'theirs')")
  const applying = apply(bench, table, { updates: '1,ours,1,a\n', deletes: '2,b\n', inserts: '3,ours\n' })
  await new Promise((resolve) => setTimeout(resolve, 300))
  await bench.sql('COMMIT')
  expect(await applying).toEqual({
    inserted: 0,
    updated: 0,
    deleted: 0,
    moved: [
      { kind: 'delete', key: ['2'] },
      { kind: 'update', key: ['1'] },
      { kind: 'insert', key: ['3'] },
    ],
  })
  expect(await bench.texts('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'theirs'],
    ['3', 'theirs'],
  ])
})

test('unique values are swapped, handed on and freed, whatever their type', async () => {
  const kinds = {
    'text NOT NULL UNIQUE': ['a', 'b', 'c', 'd'],
    'int NOT NULL UNIQUE': ['1', '2', '3', '4'],
    'smallint NOT NULL UNIQUE': ['1', '2', '3', '4'],
    'numeric(4,2) NOT NULL UNIQUE': ['1.00', '2.00', '3.00', '4.00'],
    'uuid NOT NULL UNIQUE': [1, 2, 3, 4].map((digit) => `00000000-0000-0000-0000-00000000000${digit}`),
    'date NOT NULL UNIQUE': ['2024-01-01', '2024-01-02', '2024-01-03', '2024-01-04'],
    'timestamptz NOT NULL UNIQUE': [1, 2, 3, 4].map((day) => `2024-01-0${day} 00:00:00+00`),
    'inet UNIQUE': ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'],
    'text NOT NULL UNIQUE DEFERRABLE': ['a', 'b', 'c', 'd'],
  }
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  for (const [declared, [a, b, c, d]] of Object.entries(kinds)) {
    await bench.sql(
      `DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, u ${declared}, note text); INSERT INTO t VALUES (1, '${a}'), (2, '${b}'), (3, '${c}'), (4, '${d}')`,
    )
    const table = await bench.endpoint.describe({ name: 't' })
    if (!table) throw new Error('not there')
    const applied = await apply(bench, table, {
      deletes: `4,${d},\n`,
      // 1 and 2 swap, 3 takes what 4 leaves, and the new row takes what 3 had.
      updates: `1,${b},x,1,${a},\n2,${a},,2,${b},\n3,${d},,3,${c},\n`,
      inserts: `5,${c},\n`,
    })
    expect(applied, declared).toEqual({ inserted: 1, updated: 3, deleted: 1, moved: [] })
    expect(await bench.texts('SELECT id, u FROM t ORDER BY id'), declared).toEqual([
      ['1', b],
      ['2', a],
      ['3', d],
      ['5', c],
    ])
  }
})

test('a swap over an index on an expression, with a row that moved among them', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    "CREATE TABLE t (id int PRIMARY KEY, u text NOT NULL); CREATE UNIQUE INDEX ON t (lower(u)); INSERT INTO t VALUES (1, 'A'), (2, 'B'), (3, 'C')",
  )
  await using _ = bench
  expect(await apply(bench, table, { updates: '1,b,1,A\n2,a,2,B\n3,z,3,other\n' })).toEqual({
    inserted: 0,
    updated: 2,
    deleted: 0,
    moved: [{ kind: 'update', key: ['3'] }],
  })
  expect(await bench.texts('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'b'],
    ['2', 'a'],
    ['3', 'C'],
  ])
})

test('a value that some other row holds is refused by its constraint; the other rows are written', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    "CREATE TABLE t (id int PRIMARY KEY, email text NOT NULL UNIQUE); INSERT INTO t VALUES (1, 'ann@x'), (2, 'bob@x')",
  )
  await using _ = bench
  const applied = await apply(bench, table, { updates: '1,bob@x,1,ann@x\n', inserts: '3,c@x\n' })
  expect(applied).toMatchObject({ updated: 0, inserted: 1, moved: [], refused: [{ kind: 'update', key: ['1'], reason: 'constraint' }] })
  const [refused] = applied?.refused ?? []
  expect(refused?.detail).toContain('t_email_key')
  expect(refused?.detail).not.toContain('@x')
  expect(await bench.texts('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'ann@x'],
    ['2', 'bob@x'],
    ['3', 'c@x'],
  ])
})

test('generated columns are left to PostgreSQL, identities take the values given', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    'CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED); INSERT INTO t (a) VALUES (1), (2)',
  )
  await using _ = bench
  expect(await apply(bench, table, { inserts: '70,7\n', updates: '1,5,1,1\n', deletes: '2,2\n' })).toMatchObject({
    inserted: 1,
    updated: 1,
    deleted: 1,
  })
  expect(await bench.texts('SELECT id, a, b FROM t ORDER BY id')).toEqual([
    ['1', '5', '10'],
    ['70', '7', '14'],
  ])
})

test('a key without an index, in a partitioned table with composite keys, a citext key', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql("CREATE TABLE t (id int, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
  const loose = await bench.endpoint.describe({ name: 't' })
  if (!loose) throw new Error('not there')
  const keyed = { ...loose, key: ['id'] }
  expect(await apply(bench, keyed, { inserts: '2,x\n3,c\n', updates: '1,z,1,a\n' })).toMatchObject({
    inserted: 1,
    updated: 1,
    moved: [{ kind: 'insert', key: ['2'] }],
  })
  await bench.sql(
    "DROP TABLE t; CREATE TABLE t (a int, b text, v text, PRIMARY KEY (a, b)) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF t DEFAULT; INSERT INTO t VALUES (1, 'x', 'a'), (2, 'x', 'b')",
  )
  const parted = await bench.endpoint.describe({ name: 't' })
  if (!parted) throw new Error('not there')
  expect(await apply(bench, parted, { deletes: '1,x,a\n', updates: '2,x,c,2,x,b\n', inserts: '1,y,n\n3,z,m\n' })).toEqual({
    inserted: 2,
    updated: 1,
    deleted: 1,
    moved: [],
  })
  await bench.sql("DROP TABLE t; CREATE EXTENSION citext; CREATE TABLE t (k citext PRIMARY KEY, v text); INSERT INTO t VALUES ('Ann', 'a')")
  const folded = await bench.endpoint.describe({ name: 't' })
  if (!folded) throw new Error('not there')
  expect(folded.columns[0]?.folding).toEqual({ case: 'unicode', told: 'past ascii' })
  expect(await apply(bench, folded, { updates: 'ANN,a,Ann,a\n' })).toMatchObject({ updated: 1 })
  expect(await bench.texts('SELECT * FROM t')).toEqual([['ANN', 'a']])
})

test('a nondeterministic collation finds the row that it takes as the same', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (k text COLLATE loose PRIMARY KEY, v text COLLATE loose); INSERT INTO t VALUES ('a', 'x'), ('c', 'x')",
  )
  await using _ = bench
  expect(await apply(bench, table, { inserts: 'b,x\nC,x\n', updates: 'A,X,a,x\n' })).toMatchObject({
    inserted: 1,
    updated: 1,
    moved: [{ kind: 'insert', key: ['C'] }],
  })
  expect(await bench.texts('SELECT k::text, v::text FROM t ORDER BY k')).toEqual([
    ['A', 'X'],
    ['b', 'x'],
    ['c', 'x'],
  ])
})

test('only columns that change are set, so that triggers on others stay still', async () => {
  await using db = await freshDatabase()
  const { bench, table } = await prepared(
    db.url,
    `CREATE TABLE t (id int PRIMARY KEY, a text, b text); INSERT INTO t VALUES (1, 'a', 'b');
     CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'row %', OLD; END $$;
     CREATE TRIGGER guard BEFORE UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION stop()`,
  )
  await using _ = bench
  expect(table.dependents?.triggers).toEqual(['guard'])
  expect(await apply(bench, table, { updates: '1,new,b,1,a,b\n' })).toMatchObject({ updated: 1 })
  const [refused] = (await apply(bench, table, { updates: '1,new,secret,1,new,b\n' }))?.refused ?? []
  expect(refused).toMatchObject({ reason: 'constraint', detail: 'a trigger, rule or function raised an error of its own' })
  expect(refused?.answer).toContain('row (1,new,b)')
})
