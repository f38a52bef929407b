import { expect, test } from 'vitest'
import { rowHash } from '../sql/digest.ts'
import { refuseMisfitsSql } from './append.ts'
import { bucketExpression, digestCell, digestDialect } from './buckets.ts'
import { absentSql, deleteSql, matchSql, updateSql } from './changes.ts'
import { checksumSql } from './checksum.ts'
import { commitsTableSql } from './commits.ts'
import { settingsSql } from './connections.ts'
import { addColumnSql, createTableSql } from './create-table.ts'
import { boundsSql, bucketsSql } from './digests.ts'
import { indexSql } from './indexes.ts'
import { goneSql } from './merge.ts'
import { missingSql, surplusSql } from './merge-whole-rows.ts'
import { cellReading } from './reading-cells.ts'
import { selectSql } from './select.ts'
import { readingSql } from './sqlserver.ts'
import { stagedCells, valuesSql } from './staging.ts'
import { createBesideSql, swapStatements } from './swap.ts'
import { relationColumnOf, relationOf } from './testing.ts'
import { createTypedSql } from './typed.ts'
import { utf8ProbeSql } from './utf8.ts'

const collation = 'SQL_Latin1_General_CP1_CI_AS'
const columns = [
  relationColumnOf('sku', 'nvarchar(20)', { nullable: false, collation }),
  relationColumnOf('id', 'int', { nullable: false, identity: 'always' }),
  relationColumnOf('flag', 'bit'),
  relationColumnOf('small', 'tinyint'),
  relationColumnOf('big', 'bigint'),
  relationColumnOf('amount', 'decimal(12,2)'),
  relationColumnOf('fee', 'money'),
  relationColumnOf('ratio', 'float'),
  relationColumnOf('rough', 'real'),
  relationColumnOf('old text', 'varchar(10) COLLATE French_CI_AS'),
  relationColumnOf('fixed', 'char(3) COLLATE French_CI_AS'),
  relationColumnOf('wide', 'nchar(3)', { collation }),
  relationColumnOf('legacy', 'text COLLATE French_CI_AS'),
  relationColumnOf('note]', 'nvarchar(max)', { collation }),
  relationColumnOf('raw', 'varbinary(16)'),
  relationColumnOf('day', 'date'),
  relationColumnOf('clock', 'time(3)'),
  relationColumnOf('then', 'datetime'),
  relationColumnOf('minute', 'smalldatetime'),
  relationColumnOf('naive', 'datetime2(7)'),
  relationColumnOf('at', 'datetimeoffset(6)'),
  relationColumnOf('guid', 'uniqueidentifier'),
  relationColumnOf('tree', 'hierarchyid'),
  relationColumnOf('place', 'geography'),
  relationColumnOf('doc', 'xml'),
  relationColumnOf('version', 'rowversion', { generated: true }),
]
const relation = relationOf(columns, ['sku'])
const target = { relation, sql: '[dbo].[prices]', created: false }
const cells = stagedCells(columns)
const key = cells.slice(0, 1)
const few = stagedCells(columns.slice(0, 6))

/** The text of every statement that names columns, since a SQL Server is not at hand everywhere. */
test('reading, column by column', async () => {
  const expressions = columns.map(({ column, type }) => `${column.name}: ${cellReading(type).expression(`t.[${column.name}]`)}`)
  const request = { source: { table: { name: 'prices' } } }
  const statements = [
    ...expressions,
    selectSql(relation, { ...request, where: 'amount > 0 -- all', limit: 5 }, ['t.[sku]']),
    selectSql(relation, { ...request, cursor: { column: 'version', from: '2001' }, settled: 'version' }, ['1'], {
      before: '0x00000000000007D5',
    }),
    selectSql(relation, { ...request, cursor: { column: 'at', from: '2024-01-01 00:00:00.5+00' } }, ['1']),
    selectSql(relation, { ...request, cursor: { column: 'naive', from: '2024-01-01 00:00:00.5' } }, ['1']),
    selectSql(relation, { source: { query: 'select 1 as a; ' } }, ['t.[a]']),
    selectSql(relation, { ...request, keys: { columns: ['sku'], values: [['a']] } }, ['1'], { keys: '#syncline_keys' }),
    checksumSql(columns.slice(0, 3)).expression,
    ...(['snapshot', 'statement', 'locks'] as const).flatMap((isolation) => readingSql(isolation)),
    settingsSql(30),
  ]
  await expect(statements.join('\n\n')).toMatchFileSnapshot('golden/reading.sql')
})

test('loading and converting, column by column', async () => {
  const statements = [
    createTypedSql('#syncline_rows', cells),
    ...valuesSql(cells).map((value, index) => `${cells[index]?.column.column.name}: ${value}`),
    refuseMisfitsSql({ table: '#syncline_rows_loaded', cells }),
  ]
  await expect(statements.join('\n\n')).toMatchFileSnapshot('golden/loading.sql')
})

test('hashing', async () => {
  const utf8 = 'Latin1_General_100_BIN2_UTF8'
  const request = { source: { table: { name: 'prices' } } }
  const dealt = { ...relation, columns: columns.slice(0, 2) }
  const cuts = [
    { by: 'width' as const, column: 'id', from: -5n, width: 900_000_000_000n },
    { by: 'hash' as const, columns: ['sku', 'id'], buckets: 64 },
  ]
  const statements = [
    utf8ProbeSql(utf8),
    ...columns.map((column) => `${column.column.name}: ${digestCell(column).text}`),
    ...cuts.map((cut) => bucketExpression(dealt, cut, utf8)),
    boundsSql(selectSql(relation, request, ['t.[id] AS k'])),
    bucketsSql(selectSql(relation, request, [`${rowHash(dealt.columns.map(digestCell), digestDialect(utf8))} AS hash`])),
    selectSql(relation, request, ['1'], { bucket: 'b IN (SELECT n FROM #syncline_numbers)' }),
  ]
  await expect(statements.join('\n\n')).toMatchFileSnapshot('golden/hashing.sql')
})

test('changing rows', async () => {
  const before = stagedCells(columns.slice(0, 6), 'b', 6)
  const statements = [
    matchSql(target, '#syncline_deletes', { before: cells, key, part: 'x.n BETWEEN 1 AND 8' }),
    deleteSql(target, { table: '#syncline_deletes', cells }, key),
    updateSql(target, '#syncline_updates', { set: few.slice(3), before, key: before.slice(0, 1) }),
    absentSql(target, { table: '#syncline_inserts' }, key, 'x.n IN (1, 3)'),
    absentSql(target, { table: '#syncline_inserts' }, [], '1 = 1'),
    goneSql(target, { table: '#syncline_rows' }, key),
    surplusSql(target, { table: '#syncline_rows', cells: few }),
    missingSql(target, { table: '#syncline_rows', cells: few }),
  ]
  await expect(statements.join('\n\n')).toMatchFileSnapshot('golden/changing.sql')
})

test('creating and swapping tables', async () => {
  const index = { unnamed: false, unique: true, clustered: false, columns: [{ name: 'sku', descending: true }], included: ['id'] }
  const indexes = [
    { ...index, name: 'PK_prices', constraint: 'PRIMARY KEY' as const, clustered: true, included: [] },
    { ...index, name: 'UQ__1', constraint: 'UNIQUE' as const, unnamed: true, included: [] },
    { ...index, name: 'by_sku', constraint: undefined },
  ]
  const beside = { schema: 'dbo', name: '_syncline_load_1' }
  const text = { name: 't', type: { kind: 'text' as const }, nullable: true }
  const statements = [
    createTableSql({ schema: 'sales', name: 'it]s' }, [{ ...text, name: 'code' }, text], ['code']),
    createTableSql(
      { schema: 'sales', name: 'pairs' },
      [text, { ...text, name: 'u' }, { name: 'n', type: { kind: 'integer', bits: 64, signed: true }, nullable: false }],
      ['t', 'u', 'n'],
    ),
    createTableSql(
      relation.name,
      columns.slice(0, 3).map(({ column }) => column),
      [],
    ),
    addColumnSql(relation.name, text),
    createBesideSql(beside, columns, [{ column_name: 'id', seed: '1', increment: '2' }]),
    ...indexes.map((one, number) => indexSql('[dbo].[_syncline_load_1]', one, number === 0 ? '_syncline_key_1_0' : undefined)),
    ...swapStatements(relation.name, beside, 1, indexes, [
      { constraint_name: 'DF_flag', is_named: true, column_name: 'flag', definition: '((0))' },
    ]),
    commitsTableSql('dbo'),
  ]
  await expect(statements.join('\n\n')).toMatchFileSnapshot('golden/tables.sql')
})
