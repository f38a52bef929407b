import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, NotDirectError, RetryableError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { formatType } from '../../core/types.ts'
import { duckdb } from './duckdb.ts'
import { openIn, rowsOf, TestFile } from './testing.ts'
import { adopt } from './types.ts'

test.each([{}, { path: '' }, { path: 'a', readonly: 1 }, { path: 'a', threads: 2 }])('options %j name the bad field', (input) => {
  expect(() => duckdb.parseOptions(input)).toThrow(ConfigError)
})

const nativeTypes = [
  ['HUGEINT', 'decimal(39,0)', '-170141183460469231731687303715884105728'],
  ['UHUGEINT', 'decimal(39,0)', '340282366920938463463374607431768211455'],
  ['DECIMAL(38,10)', 'decimal(38,10)', '1.5000000000'],
  ['TIMESTAMP_NS', 'timestamp(9)', '2024-01-01 00:00:00.123456789'],
  ['TIMESTAMP_MS', 'timestamp(3)', '2024-01-01 00:00:00.123'],
  ['TIMESTAMP_S', 'timestamp(0)', '2024-01-01 00:00:00'],
  ['TIME_NS', 'time(9)', '10:00:00.123456789'],
  ['TIME WITH TIME ZONE', 'other', '10:00:00+02'],
  ["ENUM('a', 'b')", 'other', 'b'],
  ['INTEGER[]', 'other', '[1, NULL, 3]'],
  ['VARCHAR[2]', 'other', "['x,y', 'NULL']"],
  ['STRUCT(a INTEGER, b VARCHAR[])', 'other', "{'a': 1, 'b': ['}', '']}"],
  ['MAP(VARCHAR, INTEGER)', 'other', '{k=1}'],
  ['INTERVAL', 'other', '1 year 2 days 03:00:00.5'],
  ['BIT', 'other', '0101'],
  ['JSON', 'json', '{"a":  1.0}'],
] as const

test.each(nativeTypes)('%s is %s, and a copy within DuckDB keeps type and value', async (native, canonical, text) => {
  await using one = await TestFile.open(`CREATE TABLE t (c ${native})`, `INSERT INTO t VALUES ('${text.replaceAll("'", "''")}'), (NULL)`)
  await using other = await TestFile.open()
  const table = await one.table('t')
  expect(table.columns.map(({ type, native: kept }) => [formatType(type), kept?.name])).toEqual([[canonical, native]])
  await using view = await one.endpoint.reader?.snapshot()
  const rows = await view?.read({ source: { table: table.ref } })
  if (!rows) throw new Error('no rows')
  for (const form of ['csv', 'relation'] as const) {
    const copy = { ...table, ref: { name: form }, columns: table.columns.map(adopt) }
    await other.write(async (session) => {
      await session.ensureTable(copy)
      const only = form === 'csv' ? { csv: rows.csv } : { relation: rows.relation }
      await session.append(copy, { columns: rows.columns, ...only } as Rows)
    })
    expect((await other.table(form)).columns[0]?.native?.name).toBe(native)
    expect(await other.read({ source: { table: copy.ref } })).toEqual([[text], [null]])
  }
})

test.each([
  ['INTEGER', '1.5'],
  ['DECIMAL(12,2)', '1.555'],
  ['HUGEINT', '1.5'],
  ['TIMESTAMP', '2024-01-01 10:00:00+02'],
  ['TIMESTAMP_S', '2024-01-01 10:00:00.5'],
  ['DATE', '2024-01-01 10:00:00'],
  ["ENUM('a')", 'b'],
  ['JSON', '{a'],
])('%s refuses %s, which it would change', async (native, text) => {
  await using file = await TestFile.open(`CREATE TABLE t (c ${native})`)
  const table = await file.table('t')
  const loading = file.write((session) => session.append(table, rowsOf(table.columns, [[text]])))
  await expect(loading).rejects.toBeInstanceOf(NotDirectError)
  await expect(loading).rejects.toThrow(/column `c`/)
  expect(await file.endpoint.canonicalize?.(table.columns[0] as Column, [text])).toEqual([null])
})

test('what hangs on a table is named, computed columns and collations are seen', async () => {
  await using file = await TestFile.open(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, code VARCHAR COLLATE NOCASE NOT NULL UNIQUE, n INTEGER DEFAULT 5, twice INTEGER GENERATED ALWAYS AS (n * 2))',
    'CREATE TABLE child (t_id INTEGER REFERENCES t (id))',
    'CREATE VIEW v AS SELECT * FROM t',
    'CREATE TABLE _syncline_commits (id UUID)',
  )
  const table = await file.table('t')
  expect(table.key).toEqual(['id'])
  expect(table.uniques).toEqual([['id'], ['code']])
  expect(table.columns.map(({ folding, generated, defaulted }) => ({ folding, generated, defaulted }))).toEqual([
    {},
    { folding: { case: 'unicode' } },
    { defaulted: true },
    { generated: true, defaulted: true },
  ])
  expect(table.dependents).toMatchObject({ views: ['v'], cascades: [], referencedBy: ['child.child_t_id_id_fkey'] })
  expect((await file.endpoint.listTables()).map(({ name }) => name)).toEqual(['child', 't', 'v'])
})

test('a replace keeps constraints, defaults, indexes and views', async () => {
  await using file = await TestFile.open(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR DEFAULT 'x' CHECK (v <> ''))",
    'CREATE INDEX t_v ON t (v)',
    'CREATE VIEW view_of_t AS SELECT count(*) AS n FROM t',
    "INSERT INTO t VALUES (1, 'a')",
  )
  const table = await file.table('t')
  expect(
    await file.write((session) =>
      session.replace(
        table,
        rowsOf(table.columns, [
          ['1', 'b'],
          ['2', 'c'],
        ]),
      ),
    ),
  ).toEqual({ rows: 2, former: 1 })
  expect(await file.read({ source: { query: 'SELECT n::VARCHAR AS n FROM view_of_t' } })).toEqual([['2']])
  expect(await file.texts('SELECT index_name FROM duckdb_indexes()')).toEqual([['t_v']])
  expect((await file.table('t')).key).toEqual(['id'])
  expect((await file.table('t')).columns[1]?.defaulted).toBe(true)
  await expect(file.write((session) => session.append(table, rowsOf(table.columns, [['3', '']])))).rejects.toBeInstanceOf(NotDirectError)
})

test('a replace keeps rows that others point at', async () => {
  await using file = await TestFile.open(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, v VARCHAR)',
    'CREATE TABLE child (t_id INTEGER REFERENCES t (id))',
    "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')",
    'INSERT INTO child VALUES (1), (2)',
  )
  const table = await file.table('t')
  await file.write((session) =>
    session.replace(
      table,
      rowsOf(table.columns, [
        ['1', 'a'],
        ['2', 'changed'],
        ['4', 'd'],
      ]),
    ),
  )
  expect(await file.texts('SELECT id::VARCHAR, v FROM t ORDER BY id')).toEqual([
    ['1', 'a'],
    ['2', 'changed'],
    ['4', 'd'],
  ])
  expect(await file.texts('SELECT count(*)::VARCHAR FROM child')).toEqual([['2']])
})

test('unique values change places, and rows that others point at are updated', async () => {
  await using file = await TestFile.open(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, code VARCHAR NOT NULL UNIQUE, v VARCHAR)',
    "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'x'), (3, 'c', 'x')",
    'CREATE TABLE child (t_id INTEGER REFERENCES t (id))',
    'INSERT INTO child VALUES (3)',
  )
  const table = await file.table('t')
  const swap = [
    ['1', 'b', 'x', '1', 'a', 'x'],
    ['2', 'a', 'x', '2', 'b', 'x'],
  ]
  expect(await file.apply(table, { updates: swap })).toMatchObject({ updated: 2, moved: [] })
  expect(await file.apply(table, { updates: [['3', 'c', 'y', '3', 'c', 'x']] })).toMatchObject({ updated: 1, moved: [] })
  expect(await file.texts('SELECT code || v FROM t ORDER BY id')).toEqual([['bx'], ['ax'], ['cy']])
})

test('rows that moved are left and named', async () => {
  await using file = await TestFile.open(
    'CREATE TABLE t (id BIGINT PRIMARY KEY, v VARCHAR)',
    "INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, 'c')",
  )
  const table = await file.table('t')
  const applied = await file.apply(table, {
    deletes: [['1', 'A']],
    updates: [['2', 'x', '2', '']],
    inserts: [
      ['3', 'new'],
      ['4', 'd'],
    ],
  })
  expect(applied).toEqual({
    inserted: 1,
    updated: 0,
    deleted: 0,
    moved: [
      { kind: 'delete', key: [1n] },
      { kind: 'update', key: [2n] },
      { kind: 'insert', key: [3n] },
    ],
  })
  expect(await file.texts('SELECT id::VARCHAR, v FROM t ORDER BY id')).toEqual([
    ['1', 'a'],
    ['2', null],
    ['3', 'c'],
    ['4', 'd'],
  ])
})

test('of equal rows without a key one is deleted', async () => {
  await using file = await TestFile.open(
    'CREATE TABLE t (v VARCHAR, n DOUBLE)',
    "INSERT INTO t VALUES ('a', NULL), ('a', NULL), ('b', 'NaN')",
  )
  const table = await file.table('t')
  expect(
    await file.apply(table, {
      key: [],
      deletes: [
        ['a', null],
        ['b', 'NaN'],
      ],
    }),
  ).toMatchObject({ deleted: 2 })
  expect(await file.texts('SELECT v FROM t')).toEqual([['a']])
})

test('a refused row tells its column and no value', async () => {
  await using file = await TestFile.open('CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (4711)')
  const table = await file.table('t')
  const loading = file.write((session) => session.append(table, rowsOf(table.columns, [['4711']])))
  await expect(loading).rejects.toThrow('a value of `id` that must be unique is there twice')
})

test('two ways to one file share it, and the last to leave frees it', async () => {
  await using file = await TestFile.open('CREATE TABLE t (id INTEGER)')
  symlinkSync(file.path, join(file.directory, 'link.duckdb'))
  const other = await openIn(file.directory, 'link.duckdb')
  const table = await file.table('t')
  await using view = await other.reader?.snapshot()
  await file.write((session) => session.append(table, rowsOf(table.columns, [['1']])))
  expect(await view?.count({ source: { table: table.ref } })).toBe(0)
  await file.endpoint[Symbol.asyncDispose]()
  expect(await view?.count({ source: { table: table.ref } })).toBe(0)
  await view?.[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  expect(openedElsewhere(file.path)).toBe('opened')
})

test('a file that another program holds can be tried again later', async () => {
  await using file = await TestFile.open('CREATE TABLE t (id INTEGER)')
  expect(openedElsewhere(file.path)).toBe(RetryableError.name)
})

test('a missing file fails the read, an abandoned session leaves none, and no database is told so', async () => {
  await using file = await TestFile.open()
  await expect(file.read({ source: { table: { name: 't' } } })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  {
    await using session = await file.endpoint.writer?.begin()
    await session?.ensureTable({
      ref: { name: 't' },
      kind: 'table',
      columns: [adopt({ name: 'a', type: { kind: 'text' }, nullable: true })],
      key: [],
      uniques: [],
    })
  }
  await file.endpoint[Symbol.asyncDispose]()
  expect(existsSync(file.path)).toBe(false)
  await writeFile(file.path, 'no database')
  await expect(openIn(file.directory, 'test.duckdb')).rejects.toMatchObject({ code: 'NOT_A_DATABASE' })
})

/** Opens the file in a process of its own and tells how that went. */
function openedElsewhere(path: string): string {
  const script = `
    import { shareDatabase } from ${JSON.stringify(new URL('./instances.ts', import.meta.url).href)}
    try { await (await shareDatabase(${JSON.stringify(path)}, false))[Symbol.asyncDispose](); console.log('opened') }
    catch (thrown) { console.log(thrown.constructor.name) }`
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }).stdout.trim()
}
