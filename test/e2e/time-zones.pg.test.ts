import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const modes: readonly Mode[] = ['append', 'replace', 'upsert', 'mirror']

/** Tests run in New York's zone; this database has another one still (rule 8). */
async function inBerlin() {
  const database = await freshDatabase()
  await database.run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Europe/Berlin'); END $$")
  return database
}

const sync = (url: string, mode: Mode, from = 'b#s', to = 'b#t'): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from, to, mode, key: 'id' } },
})

describe.each(modes)('%s', (mode) => {
  test.each([
    ['timestamp', 'timestamptz'],
    ['timestamptz', 'timestamp'],
  ])('between %s and %s is refused, naming the column', async (source, target) => {
    await using database = await inBerlin()
    using world = new World()
    await database.run(
      `CREATE TABLE s (id integer PRIMARY KEY, at ${source})`,
      "INSERT INTO s VALUES (1, '2024-07-01 12:00:00+00')",
      `CREATE TABLE t (id integer PRIMARY KEY, at ${target})`,
    )
    const result = await world.runOne(sync(database.url, mode))
    expect(result.status).toBe('failed')
    expect(result.error?.message).toContain('`at`')
    expect(await database.rows('SELECT * FROM t')).toEqual([])
  })

  test('text of a file: an offset makes an instant, none a naive timestamp, neither becomes the other', async () => {
    await using database = await inBerlin()
    using world = new World()
    await database.run('CREATE TABLE t (id integer PRIMARY KEY, naive timestamp, instant timestamptz)')
    world.write(
      'in.csv',
      'id,naive,instant\n1,2024-07-01 12:00:00,2024-07-01 12:00:00+02\n2,2024-07-01 12:00:00+02,\n3,,2024-07-01 12:00:00\n',
    )
    const result = await world.runOne({
      connections: { b: database.url },
      syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', on_reject: 'continue' } },
    })
    expect(result).toMatchObject({ error: null, counts: { inserted: 1, rejected: 2 } })
    expect(await database.rows("SELECT id, naive, instant AT TIME ZONE 'UTC' FROM t")).toEqual([
      ['1', '2024-07-01 12:00:00', '2024-07-01 10:00:00'],
    ])
  })
})

test('naive timestamps stay naive and instants stay instants through every kind of file', async () => {
  await using database = await inBerlin()
  using world = new World()
  await database.run(
    'CREATE TABLE s (id integer PRIMARY KEY, naive timestamp, instant timestamptz)',
    "INSERT INTO s VALUES (1, '2024-03-31 02:30:00', '2024-03-31 02:30:00+00'), (2, '2024-11-03 01:30:00.123456', '2024-11-03 05:30:00.123456+00')",
  )
  const expected = await database.rows('SELECT * FROM s ORDER BY id')
  for (const [index, place] of ['./a.csv', './a.ndjson', './a.parquet', './a.db#x', './a.duckdb#x'].entries()) {
    await world.runOne(sync(database.url, 'replace', 'b#s', place))
    await database.run(`CREATE TABLE t${index} (LIKE s INCLUDING ALL)`)
    expect([place, await world.runOne(sync(database.url, 'replace', place, `b#t${index}`))]).toMatchObject([place, { error: null }])
    expect([place, await database.rows(`SELECT * FROM t${index} ORDER BY id`)]).toEqual([place, expected])
    expect((await world.runOne(sync(database.url, 'mirror', 'b#s', place))).counts).toMatchObject({ unchanged: 2, inserted: 0, updated: 0 })
  }
})

test('a cursor of instants is read from the same moment whatever the zones of server and process', async () => {
  await using database = await inBerlin()
  using world = new World()
  await database.run('CREATE TABLE s (id integer PRIMARY KEY, at timestamptz)', "INSERT INTO s VALUES (1, '2024-07-01 12:00:00+00')")
  const config: ConfigInput = {
    connections: { b: database.url },
    syncs: { t: { from: { connection: 'b', object: 's', cursor: 'at', lag: '1 hour' }, to: 'b#t', mode: 'append' } },
  }
  expect(await world.runOne(config)).toMatchObject({ counts: { inserted: 1 }, watermark: '2024-07-01 12:00:00+00' })
  await database.run("INSERT INTO s VALUES (2, '2024-07-01 11:00:00+00'), (3, '2024-07-01 10:59:59+00')")
  expect(await world.runOne(config)).toMatchObject({ counts: { read: 2, inserted: 1, unchanged: 1 } })
})
