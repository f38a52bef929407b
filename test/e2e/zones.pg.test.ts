import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const modes: readonly Mode[] = ['replace', 'append', 'upsert', 'mirror']

function between(source: string, target: string, mode: Mode, cursor?: string): ConfigInput {
  const from = { connection: 'a', object: 's', ...(cursor === undefined ? {} : { cursor }) }
  return {
    connections: { a: { type: 'postgres', url: source, zone: 'Europe/Berlin' }, b: `${target}?zone=America/New_York` },
    syncs: { t: { from, to: 'b#t', mode, key: 'id', on_reject: 'continue' } },
  }
}

describe.each(modes)('PostgreSQL, by %s', (mode) => {
  test('a naive timestamp becomes the instant at which the source’s clocks show it', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(
      'CREATE TABLE s (id integer PRIMARY KEY, at timestamp)',
      "INSERT INTO s VALUES (1, '2024-07-01 12:00:00.000001'), (2, 'infinity'), (3, NULL), (4, '2024-10-27 02:30'), (5, '0044-03-15 12:00 BC'), (6, '294276-01-01')",
      'CREATE TABLE t (id integer PRIMARY KEY, at timestamptz)',
    )
    const config = between(database.url, database.url, mode)
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 4, rejected: 2 } })
    expect((await world.rejects(config)).map(({ row, column }) => [row.id, column])).toEqual([
      ['4', 'at'],
      ['6', 'at'],
    ])
    expect(await database.rows("SELECT id, at AT TIME ZONE 'UTC' FROM t ORDER BY id")).toEqual([
      ['1', '2024-07-01 10:00:00.000001'],
      ['2', 'infinity'],
      ['3', null],
      ['5', '0044-03-15 11:06:32 BC'],
    ])
    if (mode !== 'replace' && mode !== 'append')
      expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, unchanged: 4, rejected: 2 })
  })

  test('an instant becomes what the target’s clocks show', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(
      'CREATE TABLE s (id integer PRIMARY KEY, at timestamptz)',
      "INSERT INTO s VALUES (1, '2024-07-01 12:00:00.000001+00'), (2, '2024-11-03 05:30:00+00'), (3, '2024-11-03 06:30:00+00'), (4, '-infinity')",
      'CREATE TABLE t (id integer PRIMARY KEY, at timestamp)',
    )
    const config = between(database.url, database.url, mode)
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 4, rejected: 0 } })
    expect(await database.rows('SELECT id, at FROM t ORDER BY id')).toEqual([
      ['1', '2024-07-01 08:00:00.000001'],
      ['2', '2024-11-03 01:30:00'],
      ['3', '2024-11-03 01:30:00'],
      ['4', '-infinity'],
    ])
    expect((await world.verify(config)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 4 })
  })
})

describe.each(['upsert', 'append'] as const)('a cursor between the two, by %s', (mode) => {
  test.each([
    ['timestamp', 'timestamptz', '2024-10-27 03:00:00', '2024-10-27 03:30:00'],
    ['timestamptz', 'timestamp', '2024-11-03 06:00:00+00', '2024-11-03 06:30:00+00'],
  ])('from %s to %s reads on where it was, through the hour that comes twice', async (source, target, first, second) => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(
      `CREATE TABLE s (id integer PRIMARY KEY, at ${source})`,
      `INSERT INTO s VALUES (1, '${first}'), (2, '2024-07-01 12:00:00+00')`,
      `CREATE TABLE t (id integer PRIMARY KEY, at ${target})`,
    )
    const config = between(database.url, database.url, mode, 'at')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2, rejected: 0 } })
    await database.run(`INSERT INTO s VALUES (3, '${second}')`)
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1, rejected: 0 } })
    expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0 })
    expect(await database.rows('SELECT count(*) FROM t')).toEqual([['3']])
  })

  test('without a key no row comes twice', async () => {
    await using database = await freshDatabase()
    using world = new World()
    await database.run(
      'CREATE TABLE s (n integer, at timestamptz)',
      "INSERT INTO s VALUES (1, '2024-11-03 05:50:00+00'), (2, '2024-11-03 06:10:00+00')",
      'CREATE TABLE t (n integer, at timestamp)',
    )
    const { connections } = between(database.url, database.url, mode)
    const config: ConfigInput = {
      connections: connections ?? {},
      syncs: { t: { from: { connection: 'a', object: 's', cursor: 'at' }, to: 'b#t', mode: 'append' } },
    }
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2 } })
    await database.run("INSERT INTO s VALUES (3, '2024-11-03 06:20:00+00'), (2, '2024-11-03 06:10:00+00')")
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2 } })
    expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0 })
    expect(await database.rows('SELECT n, at FROM t ORDER BY n')).toEqual([
      ['1', '2024-11-03 01:50:00'],
      ['2', '2024-11-03 01:10:00'],
      ['2', '2024-11-03 01:10:00'],
      ['3', '2024-11-03 01:20:00'],
    ])
  })
})
