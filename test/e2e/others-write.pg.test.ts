import { expect, test } from 'vitest'
import { type ConfigInput, type Mode, openSyncline, type RunResult } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { amongOthers } from './among-others.ts'
import { World } from './world.ts'

const config = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', ...more } },
})

async function runAmongOthers(world: World, database: FreshDatabase, run: ConfigInput, ...changes: readonly string[]): Promise<RunResult> {
  return await amongOthers(database, changes, async () => await world.runOne(run))
}

async function withRows(...values: readonly string[]) {
  const database = await freshDatabase()
  await database.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', `INSERT INTO t VALUES ${values.join(', ')}`)
  return database
}

test('a mirror leaves what others changed meanwhile, takes agreement for done, and the next run brings the rest in step', async () => {
  await using database = await withRows("(1, 'old')", "(2, 'old')", "(3, 'old')", "(4, 'old')", "(7, 'old')", "(8, 'new')")
  using world = new World()
  world.write('in.csv', 'id,v\n1,new\n2,new\n4,new\n5,new\n6,new\n8,new\n')
  const mirror = config(database.url, 'mirror')
  const result = await runAmongOthers(
    world,
    database,
    mirror,
    "UPDATE t SET v = 'theirs' WHERE id IN (1, 7)",
    "UPDATE t SET v = 'new' WHERE id = 2",
    'DELETE FROM t WHERE id IN (3, 4)',
    "INSERT INTO t VALUES (5, 'new'), (6, 'theirs')",
  )
  expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 0, updated: 0, deleted: 0, rejected: 4 } })
  const moved = (await world.rejects(mirror)).map(({ reason, row }) => [reason, row.id]).sort()
  expect(moved).toEqual(['1', '4', '6', '7'].map((id) => ['moved', id]))
  expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'theirs'],
    ['2', 'new'],
    ['5', 'new'],
    ['6', 'theirs'],
    ['7', 'theirs'],
    ['8', 'new'],
  ])
  expect((await world.runOne(mirror)).counts).toMatchObject({ inserted: 1, updated: 2, deleted: 1, unchanged: 3, rejected: 0 })
  expect((await world.verify(mirror)).status).toBe('succeeded')
})

test.each(['upsert', 'append'] as const)(
  '%s takes a row that others inserted alike for done, and one that differs for moved',
  async (mode) => {
    await using database = await withRows("(1, 'a')")
    using world = new World()
    world.write('in.csv', 'id,v\n1,a\n2,b\n3,c\n4,d\n')
    const result = await runAmongOthers(world, database, config(database.url, mode), "INSERT INTO t VALUES (2, 'b'), (3, 'theirs')")
    expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, rejected: 1 } })
    expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'theirs'],
      ['4', 'd'],
    ])
  },
)

test('a replace waits for others and then holds exactly the rows of its source', async () => {
  await using database = await withRows("(1, 'old')")
  using world = new World()
  world.write('in.csv', 'id,v\n1,new\n2,new\n')
  const result = await runAmongOthers(world, database, config(database.url, 'replace'), "INSERT INTO t VALUES (9, 'theirs')")
  expect(result).toMatchObject({ status: 'succeeded', counts: { inserted: 2, deleted: 2 } })
  expect(await database.rows('SELECT * FROM t ORDER BY id')).toEqual([
    ['1', 'new'],
    ['2', 'new'],
  ])
})

test('rows without a key that others add meanwhile are nobody’s loss', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run('CREATE TABLE t (v text, n integer)', "INSERT INTO t VALUES ('a', 1)")
  world.sqlite('a.db', 'CREATE TABLE t (v TEXT, n INTEGER)', "INSERT INTO t VALUES ('a', 1), ('b', 2), ('b', 2)")
  const append: ConfigInput = {
    connections: { b: database.url },
    syncs: { t: { from: { connection: './a.db', object: 't', cursor: 'n' }, to: 'b#t', mode: 'append' } },
  }
  expect((await world.runOne(append)).counts).toMatchObject({ read: 3, inserted: 2, unchanged: 1 })
  await database.run("INSERT INTO t VALUES ('c', 3)")
  world.sqlite('a.db', "INSERT INTO t VALUES ('c', 3), ('c', 3)")
  expect((await world.runOne(append)).counts).toMatchObject({ inserted: 1, rejected: 0 })
  expect(await database.rows('SELECT v, count(*) FROM t GROUP BY 1 ORDER BY 1')).toEqual([
    ['a', '1'],
    ['b', '2'],
    ['c', '2'],
  ])
})

test('the source is read at one moment, however others write to it', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run('CREATE TABLE s (id integer PRIMARY KEY, v text)', "INSERT INTO s SELECT i, 'old' FROM generate_series(1, 20000) i")
  let ended = false
  const writing = (async () => {
    for (let n = 0; !ended; n++) await database.run(`UPDATE s SET v = 'v${n}'`)
  })()
  try {
    const run: ConfigInput = {
      connections: { b: database.url },
      syncs: { t: { from: 'b#s', to: './out.db#t', mode: 'mirror', guard: 'off' } },
    }
    for (let n = 0; n < 3; n++) {
      expect(await world.runOne(run)).toMatchObject({ error: null, counts: { read: 20_000 } })
      expect(world.rows('out.db', 'SELECT count(DISTINCT v) FROM t')).toEqual([[1n]])
    }
  } finally {
    ended = true
    await writing
  }
})

test.each(['replaces it by another table', 'keeps its place'])(
  'an undo of rows without a key, which %s, leaves what others changed as it went on',
  async (how) => {
    await using database = await freshDatabase()
    await database.run('CREATE TABLE t (a integer, v text)', "INSERT INTO t VALUES (1, 'old'), (2, 'old')")
    if (how === 'keeps its place') await database.run('CREATE VIEW seen AS SELECT * FROM t')
    using world = new World()
    world.write('in.csv', 'a,v\n3,new\n')
    const append: ConfigInput = { connections: { b: database.url }, syncs: { t: { from: './in.csv', to: 'b#t', mode: 'append' } } }
    await using syncline = await openSyncline({ config: append, cwd: world.folder })
    const [run] = await syncline.run().results
    const undo = async () => await syncline.undo(run?.id ?? '').results
    const [taken] = await amongOthers(database, ["UPDATE t SET v = 'theirs' WHERE a = 1"], undo)
    expect(taken).toMatchObject({
      status: 'failed',
      error: { code: 'MOVED', message: expect.stringContaining('holds 1 row that was not') },
    })
    expect(await database.rows('SELECT v FROM t ORDER BY a')).toEqual([['theirs'], ['old'], ['new']])
    expect(await undo()).toMatchObject([{ status: 'succeeded', error: null }])
    expect(await database.rows('SELECT v FROM t ORDER BY a')).toEqual([['theirs'], ['old']])
  },
)
