import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Folder, openFolder, openSnapshot, shownTypes, sorted } from '../../../test/files/folder.ts'
import { openDuckDB } from '../../duckdb/open.ts'

/** Writes a Parquet file by DuckDB itself. */
async function write(folder: Folder, name: string, select: string, options = '') {
  const instance = await openDuckDB(':memory:', { temporaryDirectory: folder.path, memoryLimit: '500MB' })
  const connection = await instance.connect()
  await connection.run(`COPY (${select}) TO '${folder.file(name)}' (FORMAT parquet${options})`)
  connection.closeSync()
  instance.closeSync()
}

describe('types come from the file, values are exact', () => {
  test.each([
    ['boolean', 'true', 'boolean', 'true'],
    ['tinyint', '(-128)::TINYINT', 'tinyint', '-128'],
    ['utinyint', '255::UTINYINT', 'utinyint', '255'],
    ['smallint', '(-32768)::SMALLINT', 'smallint', '-32768'],
    ['usmallint', '65535::USMALLINT', 'usmallint', '65535'],
    ['integer', '(-2147483648)::INTEGER', 'integer', '-2147483648'],
    ['uinteger', '4294967295::UINTEGER', 'uinteger', '4294967295'],
    ['bigint', '(-9223372036854775808)::BIGINT', 'bigint', '-9223372036854775808'],
    ['ubigint', '18446744073709551615::UBIGINT', 'ubigint', '18446744073709551615'],
    ['decimal', '1234567890123456789012345678.0123456789::DECIMAL(38,10)', 'decimal(38,10)', '1234567890123456789012345678.0123456789'],
    ['small decimal', '1.50::DECIMAL(4,2)', 'decimal(4,2)', '1.50'],
    ['real', '0.1::FLOAT', 'real', '0.1'],
    ['double', '0.1::DOUBLE', 'double', '0.1'],
    ['text', '\'x,"y"\'', 'text', 'x,"y"'],
    ['empty text', "''", 'text', ''],
    ['bytes', "'\\x00\\xFF'::BLOB", 'bytes', '\\x00ff'],
    ['date', "DATE '2024-02-29'", 'date', '2024-02-29'],
    ['time', "TIME '23:59:59.123456'", 'time(6)', '23:59:59.123456'],
    ['timestamp', "TIMESTAMP '2024-01-31 10:00:00.5'", 'timestamp(6)', '2024-01-31 10:00:00.5'],
    ['timestamp in milliseconds', "TIMESTAMP_MS '2024-01-31 10:00:00.123'", 'timestamp(6)', '2024-01-31 10:00:00.123'],
    ['timestamp in nanoseconds', "TIMESTAMP_NS '2024-01-31 10:00:00.123456789'", 'timestamp(9)', '2024-01-31 10:00:00.123456789'],
    ['timestamp in nanoseconds, short', "TIMESTAMP_NS '2024-01-31 10:00:00.1'", 'timestamp(9)', '2024-01-31 10:00:00.1'],
    ['timestamp in nanoseconds, whole', "TIMESTAMP_NS '2024-01-31 10:00:20'", 'timestamp(9)', '2024-01-31 10:00:20'],
    ['time in nanoseconds', "'10:00:00.123456789'::TIME_NS", 'time(9)', '10:00:00.123456789'],
    ['timestamptz', "TIMESTAMPTZ '2024-01-31 10:00:00+02'", 'timestamptz(6)', '2024-01-31 08:00:00+00'],
    ['uuid', "'0b0e8f0e-0000-4000-8000-000000000001'::UUID", 'uuid', '0b0e8f0e-0000-4000-8000-000000000001'],
    ['json', `'{"a": 1.10}'::JSON`, 'json', '{"a": 1.10}'],
    ['list', '[1, NULL, 2]', 'json', '[1,null,2]'],
    ['struct', "{'a': 12345678901234567890.5::DECIMAL(30,1), 'b': 'x'}", 'json', '{"a":12345678901234567890.5,"b":"x"}'],
    ['map', "MAP {'k': 1}", 'json', '{"k":1}'],
    ['interval', 'INTERVAL 1 DAY', 'other', '1 day'],
    ['enum', "'a'::ENUM('a', 'b')", 'text', 'a'],
  ])('%s', async (_, expression, type, text) => {
    await using folder = await openFolder()
    await write(folder, 'a.parquet', `SELECT ${expression} AS v UNION ALL SELECT NULL`)
    expect(shownTypes(await folder.table({ name: 'a.parquet' }))).toEqual({ v: type })
    expect(sorted(await folder.read({ name: 'a.parquet' }))).toEqual(sorted([[text], [null]]))
  })

  test('cells are native', async () => {
    await using folder = await openFolder()
    await write(folder, 'a.parquet', "SELECT 1::UTINYINT AS a, TIMESTAMP_MS '2024-01-01' AS b, TIMESTAMP_NS '2024-01-01' AS c")
    await using snapshot = await openSnapshot(folder.endpoint)
    const relation = await (await snapshot.read({ source: { table: { name: 'a.parquet' } } })).relation?.()
    expect(relation?.cells).toBe('native')
    const instance = await openDuckDB(':memory:', { temporaryDirectory: folder.path, memoryLimit: '500MB' })
    const connection = await instance.connect()
    const described = await connection.runAndReadAll(`SELECT typeof(a), typeof(b), typeof(c) FROM ${relation?.sql}`)
    expect(described.getRows()).toEqual([['UTINYINT', 'TIMESTAMP', 'VARCHAR']])
    connection.closeSync()
    instance.closeSync()
  })
})

test('columns, limit, rows and count', async () => {
  await using folder = await openFolder()
  await write(folder, 'a.parquet', 'SELECT range AS a, -range AS b FROM range(1000)')
  const ref = { name: 'a.parquet' }
  expect((await folder.table(ref)).rows).toBe(1000)
  expect(await folder.read(ref, { columns: ['b'], limit: 2 })).toHaveLength(2)
  await using snapshot = await openSnapshot(folder.endpoint)
  expect(await snapshot.count({ source: { table: ref } })).toBe(1000)
})

test('several files are one dataset, if their columns are the same', async () => {
  await using folder = await openFolder()
  await write(folder, '1.parquet', "SELECT 1 AS a, 'x' AS b")
  await write(folder, '2.parquet', "SELECT 2 AS a, 'y' AS b")
  expect(sorted(await folder.read({ name: '?.parquet' }))).toEqual([
    ['1', 'x'],
    ['2', 'y'],
  ])
  await write(folder, '3.parquet', "SELECT 2::BIGINT AS a, 'y' AS b")
  await expect(folder.table({ name: '?.parquet' })).rejects.toMatchObject({
    code: 'MALFORMED_FILE',
    message: expect.stringContaining('3.parquet'),
  })
})

test('a file that is damaged, cut short or none', async () => {
  await using folder = await openFolder()
  await write(folder, 'a.parquet', 'SELECT 1 AS a')
  const whole = await readFile(folder.file('a.parquet'))
  for (const content of [whole.subarray(0, -10), whole.subarray(0, 10), Buffer.from('a,b\n1,2\n'), Buffer.alloc(0)]) {
    await folder.put('b.parquet', content)
    await expect(folder.table({ name: 'b.parquet' })).rejects.toMatchObject({
      code: 'MALFORMED_FILE',
      message: expect.stringContaining('b.parquet'),
    })
  }
})
