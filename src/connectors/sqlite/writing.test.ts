import { expect, test } from 'vitest'
import type { ChangeSet } from '../../core/changes.ts'
import { NotDirectError } from '../../core/errors.ts'
import type { Table } from '../../core/table.ts'
import type { Value } from '../../core/value.ts'
import { rowsOf, TestFile } from './testing.ts'

test('a replace keeps the child rows of rows that stay', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key, v text)',
    'create table child (id integer primary key, t_id integer references t (id) on delete cascade)',
    `insert into t values (1, 'a'), (2, 'b'), (3, 'c')`,
    'insert into child values (10, 1), (20, 2), (30, 3)',
  )
  const table = await file.table('t')
  const next = [
    [1n, 'a'],
    [2n, 'changed'],
    [4n, 'new'],
  ] as const
  expect(await file.write((session) => session.replace(table, rowsOf(table.columns, next)))).toEqual({ rows: 3, former: 3 })
  expect(file.all('select id, v from t order by id')).toEqual([
    [1, 'a'],
    [2, 'changed'],
    [4, 'new'],
  ])
  expect(file.all('select id from child order by id')).toEqual([[10], [20]])
})

test('a replace fires triggers for rows that differ alone, with a key and without', async () => {
  for (const key of [' primary key', '']) {
    await using file = await TestFile.open(
      `create table t (id integer${key}, v text)`,
      'create table log (what text)',
      `create trigger d after delete on t begin insert into log values ('deleted ' || old.v); end`,
      `create trigger i after insert on t begin insert into log values ('inserted ' || new.v); end`,
      `insert into t values (1, 'a'), (2, 'b')`,
      'delete from log',
    )
    const table = await file.table('t')
    await file.write((session) =>
      session.replace(
        table,
        rowsOf(table.columns, [
          [1n, 'a'],
          [3n, 'c'],
        ]),
      ),
    )
    expect(file.all('select what from log order by what')).toEqual([['deleted b'], ['inserted c']])
  }
})

test('a replace lets unique values change places, and keeps indexes and views', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key, code text not null unique)',
    'create table child (t_id integer references t (id))',
    'create unique index folded on t (lower(code))',
    `insert into t values (1, 'a'), (2, 'b')`,
    'insert into child values (1), (2)',
  )
  const table = await file.table('t')
  await file.write((session) =>
    session.replace(
      table,
      rowsOf(table.columns, [
        [1n, 'b'],
        [2n, 'a'],
      ]),
    ),
  )
  expect(file.all('select * from t order by id')).toEqual([
    [1, 'b'],
    [2, 'a'],
  ])
  expect(file.all(`select name from sqlite_schema where type = 'index' and sql is not null`)).toEqual([['folded']])
})

test.each(['', ' strict'])('updates exchange unique values where nothing may be null%s', async (strict) => {
  await using file = await TestFile.open(
    `create table t (id integer primary key, code text not null unique check (length(code) = 1), place integer not null unique)${strict}`,
    `insert into t values (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)`,
  )
  const table = await file.table('t')
  const updates = [
    [1n, 'b', 20n, 1n, 'a', 10n],
    [2n, 'c', 30n, 2n, 'b', 20n],
    [3n, 'a', 10n, 3n, 'c', 30n],
  ] as const
  expect(await apply(file, table, { updates })).toEqual({ inserted: 0, updated: 3, deleted: 0, moved: [] })
  expect(file.all('select * from t order by id')).toEqual([
    [1, 'b', 20],
    [2, 'c', 30],
    [3, 'a', 10],
  ])
})

test('rows that moved are left and named, whatever the collation says', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key, v text collate nocase)',
    `insert into t values (1, 'a'), (2, 'B'), (3, null), (4, 'd')`,
  )
  const table = await file.table('t')
  const applied = await apply(file, table, {
    deletes: [[2n, 'b']],
    updates: [[3n, 'x', 3n, 'was']],
    inserts: [
      [4n, 'new'],
      [5n, 'e'],
    ],
  })
  expect(applied).toEqual({
    inserted: 1,
    updated: 0,
    deleted: 0,
    moved: [
      { kind: 'delete', key: [2n] },
      { kind: 'update', key: [3n] },
      { kind: 'insert', key: [4n] },
    ],
  })
  expect(file.all('select * from t order by id')).toEqual([
    [1, 'a'],
    [2, 'B'],
    [3, null],
    [4, 'd'],
    [5, 'e'],
  ])
})

test('a before image holds for another spelling of the same value', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key, ts datetime, n decimal_text(10,2), b boolean)',
    `insert into t values (1, '2024-01-01T10:00:00.500', '1.5', 'true')`,
  )
  const table = await file.table('t')
  const before = [1n, '2024-01-01 10:00:00.5', '1.50', true] as const
  expect(await apply(file, table, { updates: [[1n, '2025-01-01 00:00:00', '2.5', false, ...before]] })).toMatchObject({
    updated: 1,
    moved: [],
  })
  expect(file.all('select * from t')).toEqual([[1, '2025-01-01 00:00:00', '2.50', 0]])
})

test('of equal rows without a key one is deleted', async () => {
  await using file = await TestFile.open('create table t (v text, n integer)', `insert into t values ('a', null), ('a', null), ('b', 1)`)
  const table = await file.table('t')
  expect(await apply(file, table, { key: [], deletes: [['a', null]] })).toMatchObject({ deleted: 1 })
  expect(file.all('select v from t order by v')).toEqual([['a'], ['b']])
})

test.each<readonly [string, Value]>([
  ['numeric', '12345678901234567890.123'],
  ['json', '1.0'],
  ['string', '007'],
  ['integer', 2n ** 63n],
])('a %s column refuses a value that it would change', async (type, value) => {
  await using file = await TestFile.open(`create table t (c ${type})`)
  const table = await file.table('t')
  await expect(file.write((session) => session.append(table, rowsOf(table.columns, [[value]])))).rejects.toBeInstanceOf(NotDirectError)
  expect(file.all('select count(*) from t')).toEqual([[0]])
})

test('a NULL key is refused, though SQLite would number the row', async () => {
  await using file = await TestFile.open('create table t (id integer primary key)')
  const table = await file.table('t')
  await expect(file.write((session) => session.append(table, rowsOf(table.columns, [[null]])))).rejects.toBeInstanceOf(NotDirectError)
})

test('what a column would store is told', async () => {
  await using file = await TestFile.open('create table t (n numeric, j json, s string)')
  const { columns } = await file.table('t')
  const stored = async (index: number, texts: readonly string[]) => {
    const column = columns[index]
    return column && (await file.endpoint.canonicalize?.(column, texts))
  }
  expect(await stored(0, ['1.50', '12345678901234567890.123', '9007199254740993'])).toEqual(['1.5', null, '9007199254740993'])
  expect(await stored(1, ['{"a": 1}', '{a', '1.0'])).toEqual(['{"a": 1}', null, '1'])
  expect(await stored(2, ['007', 'x'])).toEqual(['7', 'x'])
})

test('NaN is kept', async () => {
  await using file = await TestFile.open('create table t (r real)')
  const table = await file.table('t')
  await file.write((session) => session.append(table, rowsOf(table.columns, [[Number.NaN], [Number.NEGATIVE_INFINITY], [5e-324]])))
  expect((await file.read({ source: { table: table.ref } })).rows).toEqual([[Number.NaN], [Number.NEGATIVE_INFINITY], [5e-324]])
  expect(await file.csv({ source: { table: table.ref } })).toBe('NaN\n-Infinity\n5e-324\n')
})

interface Changes {
  readonly key?: readonly string[]
  readonly inserts?: readonly (readonly Value[])[]
  readonly updates?: readonly (readonly Value[])[]
  readonly deletes?: readonly (readonly Value[])[]
}

async function apply(file: TestFile, table: Table, { key = ['id'], inserts = [], updates = [], deletes = [] }: Changes) {
  const before = table.columns.map((column) => ({ ...column, name: `before:${column.name}` }))
  const changes: ChangeSet = {
    key,
    inserts: rowsOf(table.columns, inserts),
    updates: rowsOf([...table.columns, ...before], updates),
    deletes: rowsOf(table.columns, deletes),
  }
  return await file.write(async (session) => await session.apply?.(table, changes))
}
