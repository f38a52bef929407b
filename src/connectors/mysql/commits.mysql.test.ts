import { describe, expect, test } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../../../test/services/mysql.ts'
import type { Endpoint } from '../connector.ts'
import { csvRows, errorOf } from '../sql/testing.ts'
import { renamingOf } from './renaming.ts'
import { csvOf, openMysql } from './testing.ts'

const id = '123e4567-e89b-42d3-a456-426614174000'

async function outcome(endpoint: Endpoint, database: string): Promise<unknown> {
  return await endpoint.writer?.outcome?.({ kind: 'mysql', database, id })
}

describe.skipIf(noMysql !== undefined)('a commit whose tables did not take their names', () => {
  const commits =
    'CREATE TABLE _syncline_commits (number BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, id CHAR(36) NOT NULL UNIQUE, pending LONGTEXT NULL)'

  test('is made up for when the next run asks, once', async () => {
    await using database = await freshMysqlDatabase()
    const named = (name: string) => ({ database: database.name, name })
    const pending = [{ beside: named('_syncline_x_new'), name: named('t'), former: named('_syncline_x_old') }]
    await database.run(
      commits,
      'CREATE TABLE t (id INT PRIMARY KEY)',
      'INSERT INTO t VALUES (1)',
      'CREATE TABLE _syncline_x_new (id INT PRIMARY KEY)',
      'INSERT INTO _syncline_x_new VALUES (2)',
      `INSERT INTO _syncline_commits (id, pending) VALUES ('${id}', '${JSON.stringify(pending)}')`,
    )
    await using endpoint = await openMysql({ url: database.url })
    expect(await outcome(endpoint, database.name)).toBe('committed')
    expect(await database.rows('SELECT id FROM t')).toEqual([['2']])
    expect(await outcome(endpoint, database.name)).toBe('committed')
    expect((await endpoint.listTables()).map(({ name }) => name)).toEqual(['t'])
    expect(await database.rows('SELECT pending FROM _syncline_commits')).toEqual([[null]])
  })

  test('is taken back where the name was taken meanwhile, and leaves nothing', async () => {
    await using database = await freshMysqlDatabase()
    await using endpoint = await openMysql({ url: database.url })
    const column = endpoint.adopt({ name: 'id', type: { kind: 'integer', bits: 32, signed: true }, nullable: false }, { name: 't' })
    const table = { ref: { name: 't' }, kind: 'table', columns: [column], key: ['id'], uniques: [['id']] } as const
    let proof: Readonly<Record<string, string | number>> | undefined
    {
      await using session = await endpoint.writer?.begin()
      await session?.ensureTable(table)
      await session?.append(table, csvRows(table.columns, '7\n'))
      proof = await session?.proof?.()
      await database.run('CREATE TABLE t (id INT PRIMARY KEY)')
      expect(await errorOf(session?.commit() ?? Promise.resolve())).toBeInstanceOf(Error)
    }
    expect(await endpoint.writer?.outcome?.({ kind: 'mysql', ...proof })).toBe('rolled back')
    expect(await csvOf(endpoint, 't')).toBe('')
    const tables = await database.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = database()')
    expect(tables.flat().sort()).toEqual(['_syncline_commits', 't'])
  })

  test('is taken back where another session writes to the table first', async () => {
    await using database = await freshMysqlDatabase()
    await using endpoint = await openMysql({ url: database.url })
    const column = endpoint.adopt({ name: 'id', type: { kind: 'integer', bits: 32, signed: true }, nullable: false }, { name: 't' })
    const table = { ref: { name: 't' }, kind: 'table', columns: [column], key: ['id'], uniques: [['id']] } as const
    const { beside, name } = renamingOf({ database: database.name, name: 't' }, false)
    await database.run(
      commits,
      `CREATE TABLE ${beside.name} (id INT PRIMARY KEY)`,
      `INSERT INTO _syncline_commits (id, pending) VALUES ('${id}', '${JSON.stringify([{ beside, name }])}')`,
    )
    await using session = await endpoint.writer?.begin()
    await session?.ensureTable(table)
    await session?.append(table, csvRows(table.columns, '1\n'))
    await session?.commit()
    expect(await outcome(endpoint, database.name)).toBe('rolled back')
    expect(await csvOf(endpoint, 't')).toBe('1\n')
  })

  test('what a dead session left beside a table goes when the next one writes to it', async () => {
    await using database = await freshMysqlDatabase()
    await using endpoint = await openMysql({ url: database.url })
    const column = endpoint.adopt({ name: 'id', type: { kind: 'integer', bits: 32, signed: true }, nullable: false }, { name: 't' })
    const table = { ref: { name: 't' }, kind: 'table', columns: [column], key: ['id'], uniques: [['id']] } as const
    const stop = new AbortController()
    {
      await using dying = await openMysql({ url: database.url }, stop.signal)
      const session = await dying.writer?.begin()
      await session?.ensureTable(table)
      stop.abort(new Error('stopped by the test'))
      await session?.[Symbol.asyncDispose]()
    }
    await using session = await endpoint.writer?.begin()
    await session?.ensureTable(table)
    await session?.append(table, csvRows(table.columns, '1\n'))
    await session?.commit()
    const tables = await database.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = database()')
    expect(tables.flat()).toEqual(['t'])
  })
})
