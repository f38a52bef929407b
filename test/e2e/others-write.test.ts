import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { type ConfigInput, type Mode, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

const config = (mode: Mode): ConfigInput => ({
  syncs: { t: { from: './in.csv', to: './b.db#t', mode, key: 'id', guard: 'off' } },
})

/** Runs while others hold changes that they commit once both sides were compared. */
async function runAmongOthers(world: World, run: ConfigInput, ...changes: readonly string[]): Promise<RunResult> {
  using others = new DatabaseSync(world.path('b.db'))
  others.exec('BEGIN IMMEDIATE')
  for (const change of changes) others.exec(change)
  return await world.watchOne(run, (phase) => {
    if (phase !== 'opening' && phase !== 'reading' && others.isTransaction) others.exec('COMMIT')
  })
}

test('a mirror into SQLite leaves what others changed meanwhile and takes agreement for done', async () => {
  using world = new World()
  world.sqlite(
    'b.db',
    'PRAGMA journal_mode = wal',
    'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)',
    "INSERT INTO t VALUES (1, 'old'), (2, 'old'), (3, 'old'), (4, 'old'), (7, 'old'), (8, 'new')",
  )
  world.write('in.csv', 'id,v\n1,new\n2,new\n4,new\n5,new\n6,new\n8,new\n')
  const result = await runAmongOthers(
    world,
    config('mirror'),
    "UPDATE t SET v = 'theirs' WHERE id IN (1, 7)",
    "UPDATE t SET v = 'new' WHERE id = 2",
    'DELETE FROM t WHERE id IN (3, 4)',
    "INSERT INTO t VALUES (5, 'new'), (6, 'theirs')",
  )
  expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 0, updated: 0, deleted: 0, rejected: 4 } })
  const moved = (await world.rejects(config('mirror'))).map(({ reason, row }) => [reason, row.id]).sort()
  expect(moved).toEqual(['1', '4', '6', '7'].map((id) => ['moved', id]))
  expect((await world.runOne(config('mirror'))).counts).toMatchObject({ inserted: 1, updated: 2, deleted: 1, unchanged: 3, rejected: 0 })
})

test('an upsert into SQLite takes a row that others inserted alike for done', async () => {
  using world = new World()
  world.sqlite('b.db', 'PRAGMA journal_mode = wal', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'a')")
  world.write('in.csv', 'id,v\n1,a\n2,b\n3,c\n4,d\n')
  const result = await runAmongOthers(world, config('upsert'), "INSERT INTO t VALUES (2, 'b'), (3, 'theirs')")
  expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, rejected: 1 } })
  expect(world.rows('b.db', 'SELECT v FROM t ORDER BY id')).toEqual([['a'], ['b'], ['theirs'], ['d']])
})

test('a plan that replaces rows without a key does not take along what others added as it was applied', async () => {
  using world = new World()
  world.sqlite('b.db', 'PRAGMA journal_mode = wal', 'CREATE TABLE t (v TEXT)', "INSERT INTO t VALUES ('old')")
  world.write('in.csv', 'v\nnew\n')
  const replace: ConfigInput = { syncs: { t: { from: './in.csv', to: './b.db#t', mode: 'replace', guard: 'off' } } }
  await using syncline = await openSyncline({ config: replace, cwd: world.folder })
  await syncline.plan({ save: 'x.plan' }).results
  using others = new DatabaseSync(world.path('b.db'))
  others.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES ('theirs')")
  const activity = syncline.apply('x.plan')
  for await (const event of activity.events)
    if (event.type === 'progress' && event.phase === 'comparing' && others.isTransaction) others.exec('COMMIT')
  expect(await activity.results).toMatchObject([{ status: 'failed', error: { code: 'MOVED' } }])
  expect(world.rows('b.db', 'SELECT v FROM t ORDER BY v')).toEqual([['old'], ['theirs']])
})
