import { expect, test } from 'vitest'
import { TestFile } from './testing.ts'

test('keys, computed columns, defaults and collations are seen', async () => {
  await using file = await TestFile.open(
    `create table t (id integer primary key, code text collate nocase not null unique, pad text collate rtrim, n integer default 5,
      twice integer generated always as (n * 2) stored, maybe text unique, unique (n, code)) strict`,
  )
  const table = await file.table('t')
  expect(table.key).toEqual(['id'])
  expect(table.uniques).toEqual([['id'], ['code']])
  const facts = Object.fromEntries(table.columns.map((column) => [column.name, column]))
  expect(facts.id).toMatchObject({ nullable: false, defaulted: true })
  expect(facts.code?.folding).toEqual({ case: 'ascii' })
  expect(facts.pad?.folding).toEqual({ pad: true })
  expect(facts.n).toMatchObject({ defaulted: true })
  expect(facts.twice).toMatchObject({ generated: true, type: { kind: 'integer', bits: 64, signed: true } })
})

test('a table without rowid has a key that is not null, in its own order', async () => {
  await using file = await TestFile.open('create table t (a text, b text, primary key (b, a)) without rowid')
  const table = await file.table('t')
  expect(table.key).toEqual(['b', 'a'])
  expect(table.columns.map((column) => column.nullable)).toEqual([false, false])
})

test('what hangs on a table is named', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key)',
    'create table child (id integer, t_id integer references t (id) on delete cascade)',
    'create table plain (id integer, t_id integer references t (id))',
    'create view v as select * from t',
    'create trigger log after delete on t begin select 1; end',
  )
  const { dependents } = await file.table('t')
  expect(dependents).toMatchObject({ views: ['v'], triggers: ['log'], cascades: ['child.0'], referencedBy: ['child.0', 'plain.0'] })
})

test('names are exact in case, and own tables are hidden', async () => {
  await using file = await TestFile.open('create table Orders (id)', 'create table _syncline_commits (id)', 'create table "a.b" (id)')
  expect(await file.endpoint.describe({ name: 'orders' })).toBeUndefined()
  expect((await file.endpoint.listTables()).map(({ name }) => name)).toEqual(['Orders', '"a.b"'])
  expect(await file.endpoint.describe({ name: '"a.b"' })).toBeDefined()
})
