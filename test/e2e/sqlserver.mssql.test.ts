import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ConfigInput, RunResult } from '../../src/index.ts'
import { type FreshSqlServerDatabase, freshSqlServerDatabase, noServer } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { World } from './world.ts'

const habits = await serverHabits()
const slow = { timeout: 300_000 }

const config = (url: string, sync: object): ConfigInput => ({
  connections: { a: './a.db', b: url },
  syncs: { items: { from: 'a#items', to: 'b#items', ...sync } },
})

function withItems(): World {
  const world = new World()
  world.sqlite('a.db', 'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, changed INTEGER)')
  world.sqlite('a.db', "INSERT INTO items VALUES (1, 'a', 10), (2, '', 20), (3, NULL, 30), (4, 'd', 40)")
  return world
}

const change = [
  "UPDATE items SET name = 'changed', changed = 50 WHERE id = 2",
  'DELETE FROM items WHERE id = 3',
  "INSERT INTO items VALUES (5, 'e', 60)",
]

async function items(database: FreshSqlServerDatabase): Promise<readonly (readonly unknown[])[]> {
  return await database.rows('SELECT CONVERT(int, id), name, CONVERT(int, changed) FROM items ORDER BY id')
}

describe.skipIf(noServer !== undefined)(`SQL Server${noServer === undefined ? '' : ` (${noServer})`}`, () => {
  test('mirror brings the target in step, again after a change, and then finds nothing', slow, async () => {
    await using database = await freshSqlServerDatabase()
    using world = withItems()
    const mirror = config(database.url, { mode: 'mirror' })
    expect(await world.runOne(mirror)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 4, inserted: 4 } })
    world.sqlite('a.db', ...change)
    const counts = { read: 4, inserted: 1, updated: 1, deleted: 1, unchanged: 2, rejected: 0 }
    expect((await world.plan(mirror)).counts).toEqual(counts)
    expect((await world.runOne(mirror)).counts).toEqual(counts)
    expect(await items(database)).toEqual([
      [1, 'a', 10],
      [2, 'changed', 50],
      [4, 'd', 40],
      [5, 'e', 60],
    ])
    expect((await world.runOne(mirror)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 4 })
    expect((await world.verify(mirror)).status).toBe('succeeded')
  })

  test('upsert deletes nothing, append adds what is new, and each finds nothing the second time', slow, async () => {
    await using database = await freshSqlServerDatabase()
    using world = withItems()
    await world.runOne(config(database.url, { mode: 'upsert' }))
    world.sqlite('a.db', ...change)
    expect((await world.runOne(config(database.url, { mode: 'upsert' }))).counts).toMatchObject({ inserted: 1, updated: 1, deleted: 0 })
    expect(await items(database)).toHaveLength(5)
    const append = config(database.url, { mode: 'append', from: { connection: 'a', object: 'items', cursor: 'id' }, to: 'b#log' })
    expect(await world.runOne(append)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 4 } })
    expect((await world.runOne(append)).counts).toMatchObject({ inserted: 0 })
    expect(await database.rows("SELECT name FROM sys.tables WHERE name LIKE '%commits'")).toHaveLength(1)
  })

  test('replace keeps views, triggers and child rows; what triggers do is not counted', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      'CREATE TABLE items (id bigint NOT NULL PRIMARY KEY, name nvarchar(20), changed bigint)',
      'CREATE TABLE lines (item bigint NOT NULL REFERENCES items (id) ON DELETE CASCADE)',
      'CREATE TABLE seen (n int)',
      'CREATE VIEW named AS SELECT id, name FROM items',
      "INSERT INTO items VALUES (1, 'old', 1), (9, 'gone', 9)",
      'INSERT INTO lines VALUES (1), (9)',
      'CREATE TRIGGER note_items ON items AFTER INSERT, UPDATE, DELETE AS INSERT INTO seen SELECT 1 FROM inserted UNION ALL SELECT 2 FROM deleted',
    )
    using world = withItems()
    const result = await world.runOne(config(database.url, { mode: 'replace', guard: { cascades: 'allow' } }))
    expect(result).toMatchObject({ status: 'succeeded', error: null })
    expect(await items(database)).toEqual([
      [1, 'a', 10],
      [2, '', 20],
      [3, null, 30],
      [4, 'd', 40],
    ])
    expect(await database.rows('SELECT CONVERT(int, item) FROM lines')).toEqual([[1]])
    expect(await database.rows('SELECT COUNT(*) FROM named')).toEqual([[4]])
  })

  const numbered = habits.deletesNumberedRows ? '' : ' (this server deletes no rows by their number, as SQL Server does)'
  test.skipIf(numbered !== '')(`without a key there are as many of equal rows as in the source${numbered}`, slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      'CREATE TABLE items (name nvarchar(20), raw varbinary(5), ratio float)',
      'CREATE VIEW named AS SELECT name FROM items',
      "INSERT INTO items VALUES ('twice', 0x01, 0.1), ('twice', 0x01, 0.1), ('twice', 0x01, 0.1), ('gone', NULL, NULL), (NULL, 0x, 1)",
    )
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE items (name TEXT, raw BLOB, ratio REAL)')
    world.sqlite(
      'a.db',
      "INSERT INTO items VALUES ('twice', x'01', 0.1), ('twice', x'01', 0.1), ('Twice', x'01', 0.1), ('', NULL, 1), (NULL, x'', 1)",
    )
    const replaced = await world.runOne(config(database.url, { mode: 'replace' }))
    expect(replaced).toMatchObject({ status: 'succeeded', error: null })
    expect(
      await database.rows(
        "SELECT COALESCE(name, '-'), COUNT(*) FROM items GROUP BY COALESCE(name, '-') COLLATE Latin1_General_BIN2, COALESCE(name, '-') ORDER BY 1, 2",
      ),
    ).toHaveLength(4)
    expect(await database.rows('SELECT COUNT(*) FROM items')).toEqual([[5]])
  })

  test('identity columns take the numbers that come, and computed columns are left to the server', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run('CREATE TABLE items (id int IDENTITY(100, 1) PRIMARY KEY, name nvarchar(20), changed int, twice AS changed * 2)')
    using world = withItems()
    const mirror = config(database.url, { mode: 'mirror' })
    expect(await world.runOne(mirror)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 4 } })
    world.sqlite('a.db', ...change)
    expect(await world.runOne(mirror)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(await database.rows('SELECT id, twice FROM items ORDER BY id')).toEqual([
      [1, 20],
      [2, 100],
      [4, 80],
      [5, 120],
    ])
  })

  test('keys are equal as the collation says, and only the exact text counts as unchanged', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      'CREATE TABLE items (id nvarchar(10) NOT NULL PRIMARY KEY, name nvarchar(20))',
      "INSERT INTO items VALUES ('Ab', 'x'), ('c', 'Y')",
    )
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE items (id TEXT PRIMARY KEY, name TEXT)')
    world.sqlite('a.db', "INSERT INTO items VALUES ('AB', 'x'), ('c', 'y'), ('d', 'z'), ('D', 'two of one key')")
    const mirror = config(database.url, { mode: 'mirror', key: 'id', on_reject: 'continue' })
    const result = await world.runOne(mirror)
    expect(result).toMatchObject({ error: null, counts: { inserted: 0, updated: 2, deleted: 0, rejected: 2 } })
    expect(await database.rows('SELECT id, name FROM items ORDER BY id')).toEqual([
      ['AB', 'x'],
      ['c', 'y'],
    ])
    expect((await world.rejects(mirror)).map(({ reason }) => reason)).toEqual(['duplicate key', 'duplicate key'])
  })

  test('a value that the column cannot hold is a reject that names it, in every mode', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run('CREATE TABLE items (id int NOT NULL PRIMARY KEY, name nvarchar(3), changed tinyint)')
    using world = withItems()
    world.sqlite('a.db', "INSERT INTO items VALUES (6, '𝄞𝄞', 1), (7, 'long', 1), (8, 'x', 256)")
    for (const mode of ['upsert', 'mirror'] as const) {
      const sync = config(database.url, { mode, on_reject: 'continue' })
      expect(await world.runOne(sync)).toMatchObject({ error: null, counts: { rejected: 3 } })
      expect((await world.rejects(sync)).map(({ column }) => column).sort()).toEqual(['changed', 'name', 'name'])
    }
    expect(await database.rows('SELECT id FROM items ORDER BY id')).toEqual([[1], [2], [3], [4]])
  })

  const unversioned = habits.countsVersions ? '' : ' (this server has no MIN_ACTIVE_ROWVERSION)'
  test.skipIf(unversioned !== '')(`a rowversion is a cursor: rows that may still be preceded wait${unversioned}`, slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run('CREATE TABLE events (id int NOT NULL PRIMARY KEY, v rowversion)', 'INSERT INTO events (id) VALUES (1), (2)')
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE events (id INTEGER PRIMARY KEY, v INTEGER)')
    const sync: ConfigInput = {
      connections: { a: './a.db', b: database.url },
      syncs: { events: { from: { connection: 'b', object: 'events', cursor: 'v' }, to: 'a#events', mode: 'upsert' } },
    }
    const delivered = async () => {
      expect(await world.runOne(sync)).toMatchObject({ status: 'succeeded', error: null })
      return world.rows('a.db', 'SELECT id FROM events ORDER BY id').flat().map(Number)
    }
    await expect.poll(delivered, { timeout: 120_000 }).toEqual([1, 2])
    await using early = await database.connect()
    await early.run('BEGIN TRANSACTION', 'INSERT INTO events (id) VALUES (3)')
    await database.run('INSERT INTO events (id) VALUES (4)', 'UPDATE events SET id = 5 WHERE id = 1')
    expect(await delivered()).toEqual([1, 2])
    await early.run('COMMIT')
    await expect.poll(delivered, { timeout: 120_000 }).toEqual([1, 2, 3, 4, 5])
    expect((await world.runOne(sync)).counts).toMatchObject({ inserted: 0, updated: 0 })
  })

  test('a table of SQL Server is read exactly', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      `CREATE TABLE exact (id int PRIMARY KEY, big bigint, amount decimal(38,10), fee money, ratio float, at datetime2(6), day date,
         guid uniqueidentifier, raw varbinary(10), old datetime, note varchar(20), code char(5))`,
      `INSERT INTO exact VALUES (1, 9223372036854775807, 1234567890123456789012345678.0123456789, 922337203685477.5807, 0.1,
         '2024-03-31 02:30:00.123456', '0001-01-01', '123E4567-E89B-42D3-A456-426614174000', 0x00FF, '2024-01-01 00:00:00.003', 'ä ', 'ab')`,
    )
    using world = new World()
    const sync: ConfigInput = {
      connections: { b: database.url, d: '.' },
      syncs: { exact: { from: 'b#exact', to: 'd#exact.csv', mode: 'replace' } },
    }
    expect(await world.runOne(sync)).toMatchObject({ status: 'succeeded', error: null })
    expect(readFileSync(world.path('exact.csv'), 'utf8').split('\n')[1]).toBe(
      '1,9223372036854775807,1234567890123456789012345678.0123456789,922337203685477.5807,0.1,2024-03-31 02:30:00.123456,0001-01-01,123e4567-e89b-42d3-a456-426614174000,\\x00ff,2024-01-01 00:00:00.003,ä ,ab',
    )
  })
})

describe.skipIf(noServer !== undefined)(`logins that fail${noServer === undefined ? '' : ` (${noServer})`}`, () => {
  const server = new URL(process.env.SYNCLINE_TEST_SQLSERVER ?? 'sqlserver://none@localhost/master')

  test('a wrong password', slow, async () => {
    const error = await failure(at({ password: 'not-the-secret' }))
    expect(error).toMatchObject({ code: 'LOGIN_FAILED' })
    expect(JSON.stringify(error)).not.toContain('not-the-secret')
  })

  test('a database that is not there', slow, async () => {
    expect(await failure(at({ pathname: '/nowhere_at_all' }))).toMatchObject({ code: 'DATABASE_NOT_FOUND' })
  })

  const trusted = server.searchParams.get('trustServerCertificate') === 'true'
  test.skipIf(!trusted)(`a certificate that nobody vouches for${trusted ? '' : ' (the server named has a proper one)'}`, slow, async () => {
    const url = new URL(server)
    url.searchParams.delete('trustServerCertificate')
    const error = await failure(url.href)
    expect(error).toMatchObject({ code: 'TLS_UNTRUSTED' })
    expect(error?.hint).toMatch(/`ca`.*trustServerCertificate: true/)
  })

  test('TDS 8, where a server does not speak it, or shows a certificate that nobody vouches for', slow, async () => {
    const url = new URL(server)
    url.searchParams.delete('trustServerCertificate')
    url.searchParams.set('encrypt', 'strict')
    const error = await failure(url.href)
    // A server that speaks it is asked for its certificate instead.
    expect(error?.code).toMatch(/^TLS_(REFUSED|UNTRUSTED)$/)
  })

  test('a port where nobody answers', slow, async () => {
    expect(await failure(at({ port: '1' }))).toMatchObject({ code: 'HOST_UNREACHABLE', fix: 'retry' })
  })

  const at = (change: Partial<URL>) => Object.assign(new URL(server), change).href

  async function failure(url: string): Promise<RunResult['error']> {
    using world = withItems()
    const { status, error } = await world.runOne(config(url, { mode: 'mirror' }))
    expect(status).toBe('failed')
    return error
  }
})
