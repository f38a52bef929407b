import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

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

needsMysql('into MySQL', () => {
  test('mirror brings the target in step, again after a change, and then finds nothing', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    const mirror = config(database.url, { mode: 'mirror' })
    expect(await world.runOne(mirror)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 4, inserted: 4 } })
    world.sqlite('a.db', ...change)
    const counts = { read: 4, inserted: 1, updated: 1, deleted: 1, unchanged: 2, rejected: 0 }
    expect((await world.plan(mirror)).counts).toEqual(counts)
    expect((await world.runOne(mirror)).counts).toEqual(counts)
    expect(await database.rows('SELECT * FROM items ORDER BY id')).toEqual([
      ['1', 'a', '10'],
      ['2', 'changed', '50'],
      ['4', 'd', '40'],
      ['5', 'e', '60'],
    ])
    expect((await world.runOne(mirror)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 4 })
    expect((await world.verify(mirror)).status).toBe('succeeded')
  })

  test('upsert deletes nothing, append adds what is new, and each finds nothing the second time', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    await world.runOne(config(database.url, { mode: 'upsert' }))
    world.sqlite('a.db', ...change)
    expect((await world.runOne(config(database.url, { mode: 'upsert' }))).counts).toMatchObject({ inserted: 1, updated: 1, deleted: 0 })
    expect(await database.rows('SELECT count(*) FROM items')).toEqual([['5']])
    const append = config(database.url, { mode: 'append', from: { connection: 'a', object: 'items', cursor: 'id' }, to: 'b#log' })
    expect(await world.runOne(append)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 4 } })
    expect((await world.runOne(append)).counts).toMatchObject({ inserted: 0 })
    world.sqlite('a.db', "INSERT INTO items VALUES (6, 'f', 70)")
    expect((await world.runOne(append)).counts).toMatchObject({ inserted: 1 })
    expect(await database.rows('SELECT id FROM log ORDER BY id')).toEqual([['1'], ['2'], ['4'], ['5'], ['6']])
  })

  test('replace swaps a table in: readers see the rows before or after, never none', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    const replace = config(database.url, { mode: 'replace', guard: 'off' })
    await world.runOne(replace)
    world.sqlite('a.db', ...change)
    const seen = new Set<string | null>()
    let done = false
    const watching = (async () => {
      await using client = await database.connect()
      while (!done) seen.add((await client.rows('SELECT group_concat(id ORDER BY id) FROM items'))[0]?.[0] ?? null)
    })()
    const result = await world.runOne(replace)
    done = true
    await watching
    expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { read: 4 } })
    expect([...seen].filter((ids) => ids !== '1,2,3,4' && ids !== '1,2,4,5')).toEqual([])
    const tables = await database.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = database()')
    // The former table is kept for an undo.
    expect(tables.flat().sort()).toEqual(['_syncline_commits', expect.stringMatching(/^_syncline_former_/), 'items'])
  })

  test('replace where much hangs on the table changes rows in place, and no child of a row that stays is lost', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    await database.run(
      'CREATE TABLE items (id BIGINT PRIMARY KEY, name VARCHAR(20), changed BIGINT, UNIQUE one_change (changed)) ENGINE=InnoDB',
      "INSERT INTO items VALUES (1, 'old', 20), (2, '', 10), (3, NULL, 30), (9, 'gone', 90)",
      'CREATE VIEW seen AS SELECT id, name FROM items',
      'CREATE TABLE child (item BIGINT, FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE)',
      'INSERT INTO child VALUES (1), (2), (9)',
      'CREATE TABLE log (what VARCHAR(20))',
      "CREATE TRIGGER note AFTER UPDATE ON items FOR EACH ROW INSERT INTO log VALUES (concat('update ', NEW.id))",
    )
    expect(await world.runOne(config(database.url, { mode: 'replace', guard: 'off' }))).toMatchObject({ status: 'succeeded', error: null })
    expect(await database.rows('SELECT * FROM items ORDER BY id')).toEqual([
      ['1', 'a', '10'],
      ['2', '', '20'],
      ['3', null, '30'],
      ['4', 'd', '40'],
    ])
    expect(await database.rows('SELECT item FROM child ORDER BY 1')).toEqual([['1'], ['2']])
    expect(await database.rows('SELECT count(*) FROM seen')).toEqual([['4']])
    expect((await database.rows('SELECT DISTINCT what FROM log ORDER BY 1')).flat()).toEqual(['update 1', 'update 2'])
  })

  test('deletes that would take other rows along are withheld until a person agrees', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    await world.runOne(config(database.url, { mode: 'mirror' }))
    await database.run(
      'CREATE TABLE child (item BIGINT, FOREIGN KEY (item) REFERENCES items (id) ON DELETE CASCADE)',
      'INSERT INTO child VALUES (3)',
    )
    world.sqlite('a.db', 'DELETE FROM items WHERE id = 3')
    expect((await world.runOne(config(database.url, { mode: 'mirror' }))).status).toBe('withheld')
    expect(await database.rows('SELECT item FROM child')).toEqual([['3']])
  })

  test('a key collation that takes two of the source as one makes rejects of them, and loses no row', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE items (id TEXT PRIMARY KEY, v TEXT)')
    world.sqlite(
      'a.db',
      "INSERT INTO items VALUES ('Anna', '1'), ('anna', '2'), ('bob', '3'), ('jose', '4'), ('josé', '5'), ('bob ', '6'), ('x', '7')",
    )
    await database.run('CREATE TABLE items (id VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(20)) ENGINE=InnoDB')
    const result = await world.runOne(config(database.url, { mode: 'mirror' }))
    expect(result).toMatchObject({ counts: { read: 7, inserted: 1, rejected: 6 } })
    expect(await database.rows('SELECT id, v FROM items ORDER BY id')).toEqual([['x', '7']])
  })

  test('values that MySQL refuses are rejects that name their column; zero dates and odd booleans leave as rejects too', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await database.run(
      "SET sql_mode = ''",
      'CREATE TABLE days (id INT PRIMARY KEY, day DATE, at DATETIME(3), flag TINYINT(1)) ENGINE=InnoDB',
      "INSERT INTO days VALUES (1, '2024-02-29', '2024-02-29 10:00:00.120', 1), (2, '0000-00-00', '2024-01-01', 0), (3, '2024-01-01', '2024-00-15', 1), (4, NULL, NULL, 2)",
    )
    for (const mode of ['mirror', 'replace']) {
      const sync: ConfigInput = {
        connections: { a: database.url, b: './b.db' },
        syncs: { days: { from: 'a#days', to: 'b#days', mode: mode as 'mirror', on_reject: 'continue', guard: 'off' } },
      }
      const result = await world.runOne(sync)
      expect(result, JSON.stringify(result.error)).toMatchObject({ error: null, counts: { read: 4, rejected: 3 } })
      expect((await world.rejects(sync)).map(({ column }) => column).sort()).toEqual(['at', 'day', 'flag'])
      expect(world.rows('b.db', 'SELECT id, day FROM days')).toEqual([[1n, '2024-02-29']])
    }
  })

  test.each(['mirror', 'replace'] as const)(
    '%s: instants past 2038 and years before Christ are rejects that name their column',
    async (mode) => {
      await using postgres = await freshDatabase()
      await using database = await freshMysqlDatabase()
      using world = new World()
      await postgres.run(
        'CREATE TABLE t (id int PRIMARY KEY, instant timestamptz, day date, ratio double precision)',
        "INSERT INTO t VALUES (1, '2038-01-19 03:14:07+00', '2024-01-01', 1.5), (2, '2040-01-01 00:00:00+00', NULL, 0), (3, NULL, '0044-03-15 BC', 0), (4, NULL, NULL, 'NaN')",
      )
      const sync: ConfigInput = {
        connections: { a: postgres.url, b: database.url },
        syncs: { t: { from: 'a#t', to: 'b#t', mode, on_reject: 'continue' } },
      }
      expect(await world.runOne(sync)).toMatchObject({ error: null, counts: { read: 4, rejected: 3 } })
      expect((await world.rejects(sync)).map(({ column }) => column).sort()).toEqual(['day', 'instant', 'ratio'])
      expect(await database.rows('SELECT id FROM t')).toEqual([['1']])
    },
  )

  test('rows that others changed meanwhile are left as they are and become rejects', async () => {
    await using database = await freshMysqlDatabase()
    using world = withItems()
    const mirror = config(database.url, { mode: 'mirror' })
    await world.runOne(mirror)
    world.sqlite('a.db', ...change)
    const result = await world.watchOne(mirror, async (phase) => {
      if (phase === 'applying') await database.run("UPDATE items SET name = 'theirs' WHERE id = 2")
    })
    expect(result.counts).toMatchObject({ updated: 0, rejected: 1, inserted: 1, deleted: 1 })
    expect(await database.rows('SELECT name FROM items WHERE id = 2')).toEqual([['theirs']])
  })
})
