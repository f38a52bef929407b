import { expect, test } from 'vitest'
import { TestFile } from './testing.ts'

const t = { source: { table: { name: 't' } } }

test('cells that are what their column says arrive typed', async () => {
  await using file = await TestFile.open(
    'create table t (i integer, b boolean, r real, s text, x blob, d date, ts datetime, n numeric(10,2), u uuid)',
    `insert into t values (9007199254740993, 1, 0.1, 'a,"b"', x'00ff', '2024-01-31', '2024-01-31 10:00:00.000000', 12.34, 'AAAAAAAA-0000-0000-0000-000000000000'),
      (null, null, null, null, null, null, null, null, null)`,
  )
  const { columns, rows } = await file.read(t)
  expect(columns.some((column) => column.untyped)).toBe(false)
  expect(rows[0]).toEqual([
    9007199254740993n,
    true,
    0.1,
    'a,"b"',
    new Uint8Array([0, 255]),
    '2024-01-31',
    '2024-01-31 10:00:00',
    '12.34',
    'aaaaaaaa-0000-0000-0000-000000000000',
  ])
  expect(await file.csv(t)).toBe(
    '9007199254740993,true,0.1,"a,""b""",\\x00ff,2024-01-31,2024-01-31 10:00:00,12.34,aaaaaaaa-0000-0000-0000-000000000000\n,,,,,,,,\n',
  )
})

test.each([
  ['integer', "'abc'"],
  ['integer', '1.5'],
  ['smallint', '40000'],
  ['boolean', '2'],
  ['real', "'abc'"],
  ['text', "x'00'"],
  ['varchar(2)', "'abc'"],
  ['blob', "'abc'"],
  ['date', '1706659200'],
  ['datetime', "'2024-01-31 10:00:00Z'"],
  ['timestamp(0)', "'2024-01-31 10:00:00.5'"],
  ['numeric(10,2)', '12.345'],
  ['numeric(4,2)', '123.45'],
  ['uuid', "'abc'"],
])('a column %s that holds %s is delivered cell by cell', async (type, literal) => {
  await using file = await TestFile.open(`create table t (c ${type}, other integer)`, `insert into t values (${literal}, 1)`)
  const { columns } = await file.read(t)
  expect(columns.map((column) => column.untyped ?? false)).toEqual([true, false])
})

test('untyped cells go as their own text, in both forms', async () => {
  await using file = await TestFile.open('create table t (c)', `insert into t values (7), (0.5), ('x"y'), (x'0a'), (''), (null)`)
  const { rows } = await file.read(t)
  expect(rows.map(([cell]) => cell)).toEqual(['7', '0.5', 'x"y', '\\x0a', '', null])
  expect(await file.csv(t)).toBe('7\n0.5\n"x""y"\n\\x0a\n""\n\n')
})

test('a decimal that SQLite holds as a float gets no digits that nobody wrote', async () => {
  await using file = await TestFile.open(
    'create table t (n numeric)',
    `insert into t values ('0.1'), (1e21), ('12345678901234567890.5'), (7)`,
  )
  const { rows } = await file.read(t)
  expect(rows.map(([cell]) => cell)).toEqual(['0.1', '1000000000000000000000', '12345678901234567000', '7'])
})

test('bytes that are not UTF-8 end the read and name the column', async () => {
  await using file = await TestFile.open(
    'create table t (fine text, broken text)',
    `insert into t values ('\uFFFD', cast(x'61ff' as text))`,
  )
  await expect(file.read(t)).rejects.toThrow(/`broken` holds text that is not UTF-8/)
  await expect(file.csv(t)).rejects.toThrow(/`broken` holds text that is not UTF-8/)
  expect((await file.read({ ...t, columns: ['fine'] })).rows).toEqual([['\uFFFD']])
})

test('the cursor compares what cells mean', async () => {
  await using file = await TestFile.open(
    'create table t (id integer primary key, ts datetime, n decimal_text(10,2))',
    `insert into t values (1, '2024-01-01T10:00:00', '9.00'), (2, '2024-01-01 09:00:00.5', '10.00'), (3, '0044-03-15 00:00:00 BC', '-3.00'), (4, '10000-01-01 00:00:00', null), (5, 'infinity', 'NaN')`,
  )
  const ids = async (column: string, from: string) =>
    (await file.read({ ...t, columns: ['id'], cursor: { column, from } })).rows.map(([id]) => Number(id))
  expect(await ids('ts', '2024-01-01 09:30:00')).toEqual([1, 4, 5])
  expect(await ids('ts', '0050-01-01 00:00:00 BC')).toEqual([1, 2, 3, 4, 5])
  expect(await ids('n', '9.50')).toEqual([2, 4, 5])
})

test('a query is read with the types of the columns it passes on', async () => {
  await using file = await TestFile.open('create table t (id integer, day date)', `insert into t values (1, '2024-01-01')`)
  const { columns, rows } = await file.read({ source: { query: 'select id, day, id + 1 as next from t -- all;' } })
  expect(columns.map(({ name, type, untyped }) => [name, type.kind, untyped ?? false])).toEqual([
    ['id', 'integer', false],
    ['day', 'date', false],
    ['next', 'text', true],
  ])
  expect(rows).toEqual([[1n, '2024-01-01', '2']])
})
