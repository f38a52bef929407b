import { describe, expect, test } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../../../test/services/mysql.ts'
import { formatType } from '../../core/types.ts'
import { csvOf, openMysql } from './testing.ts'

describe.skipIf(noMysql !== undefined)('tables as they are described and read', () => {
  test('every type of its own', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      `CREATE TABLE t (id MEDIUMINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, big BIGINT UNSIGNED, padded INT(6) ZEROFILL, bits BIT(12), one BIT(1), made YEAR,
         span TIME(2), at DATETIME(3), instant TIMESTAMP(6) NULL, mood ENUM('ok','so so'), tags SET('a','b','c'), fixed BINARY(3), place POINT, doc JSON,
         code CHAR(4), twice INT AS (padded * 2) STORED, huge DECIMAL(65,30), single FLOAT) ENGINE=InnoDB CHARSET utf8mb4`,
      `INSERT INTO t (big, padded, bits, one, made, span, at, instant, mood, tags, fixed, place, doc, code, huge, single) VALUES
         (18446744073709551615, 42, b'101', b'1', 1999, '-838:59:59', '2024-02-29 01:02:03.450', '2024-06-01 00:00:00', 'so so', 'c,a', 'ab',
          POINT(1, 2), '{"a": 1}', 'x ', 12345678901234567890123456789012345.123456789012345678901234567890, 16777216.1)`,
    )
    await using endpoint = await openMysql({ url: database.url })
    const table = await endpoint.describe({ name: 't' })
    expect(table?.key).toEqual(['id'])
    expect(Object.fromEntries(table?.columns.map(({ name, type }) => [name, formatType(type)]) ?? [])).toEqual({
      id: 'uinteger',
      big: 'ubigint',
      padded: 'uinteger',
      bits: 'usmallint',
      one: 'boolean',
      made: 'usmallint',
      span: 'other',
      at: 'timestamp(3)',
      instant: 'timestamptz(6)',
      mood: 'other',
      tags: 'other',
      fixed: 'bytes(3)',
      place: 'other',
      doc: 'json',
      code: 'text(4)',
      twice: 'integer',
      huge: 'decimal(65,30)',
      single: 'real',
    })
    expect(table?.columns.filter(({ generated }) => generated).map(({ name }) => name)).toEqual(['twice'])
    expect(table?.columns.filter(({ identity }) => identity).map(({ name }) => name)).toEqual(['id'])
    expect(await csvOf(endpoint, 't')).toBe(
      '1,18446744073709551615,42,5,true,1999,-838:59:59,2024-02-29 01:02:03.45,2024-06-01 00:00:00+00,so so,"a,c",\\x616200,' +
        '\\x000000000101000000000000000000f03f0000000000000040,"{""a"": 1}",x,84,12345678901234567890123456789012345.123456789012345678901234567890,16777216\n',
    )
  })

  test('names of all letters that MySQL takes, in any case, and none that it does not', async () => {
    await using database = await freshMysqlDatabase()
    const names = [
      'Mixed Case',
      'a.b',
      'say "so"',
      "it's",
      'select',
      'naïve 漢字',
      'semi;colon',
      '100%',
      'back\\slash',
      'tick`ed',
      '#',
      '?',
    ]
    await using endpoint = await openMysql({ url: database.url })
    const column = (name: string) => endpoint.adopt({ name, type: { kind: 'text' }, nullable: true }, { name: 't' })
    const table = { ref: { name: '"odd ""table"" `x`"' }, kind: 'table', columns: names.map(column), key: [], uniques: [] } as const
    {
      await using session = await endpoint.writer?.begin()
      await session?.ensureTable(table)
      await session?.commit()
    }
    expect((await endpoint.describe(table.ref))?.columns.map(({ name }) => name)).toEqual(names)
    expect(await endpoint.listTables()).toEqual([table.ref])
    await using session = await endpoint.writer?.begin()
    const astral = { ...table, ref: { name: '𝄞' } }
    await expect(session?.ensureTable(astral)).rejects.toMatchObject({ code: 'BAD_NAME' })
  })

  test('other databases are listed when they are named', async () => {
    await using database = await freshMysqlDatabase()
    await using other = await freshMysqlDatabase()
    await database.run('CREATE TABLE mine (id INT)')
    await other.run('CREATE TABLE theirs (id INT)')
    await using endpoint = await openMysql({ url: database.url })
    expect(await endpoint.listTables()).toEqual([{ name: 'mine' }])
    expect(await endpoint.listTables(`${other.name}.*`)).toEqual([{ name: `${other.name}.theirs` }])
  })

  test('a partitioned table, a view and a query are read as tables are', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      'CREATE TABLE p (id INT PRIMARY KEY, v VARCHAR(9)) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 3',
      "INSERT INTO p VALUES (1, 'a'), (2, 'b')",
      'CREATE VIEW seen AS SELECT v, id * 2 AS double_id FROM p WHERE id = 2',
    )
    await using endpoint = await openMysql({ url: database.url })
    expect((await csvOf(endpoint, 'p')).split('\n').sort().join(' ')).toBe(' 1,a 2,b')
    expect(await endpoint.describe({ name: 'seen' })).toMatchObject({ kind: 'view' })
    expect(await csvOf(endpoint, 'seen')).toBe('b,4\n')
    const query = await endpoint.describeQuery?.("SELECT count(*) AS n, max(v) AS last, CAST('2024-01-01' AS DATETIME(3)) AS at FROM p;")
    expect(query?.columns.map(({ name, type }) => [name, formatType(type)])).toEqual([
      ['n', 'bigint'],
      ['last', 'text(9)'],
      ['at', 'timestamp(3)'],
    ])
  })
})
