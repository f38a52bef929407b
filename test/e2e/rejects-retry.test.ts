import { expect, test } from 'vitest'
import { type ConfigInput, type Mode, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

const config = (mode: Mode, more: object = {}): ConfigInput => ({
  connections: { a: './a.db', b: './b.db' },
  syncs: { t: { from: { connection: 'a', object: 't', ...more }, to: 'b#t', mode, guard: 'off' } },
})

function withRows(): World {
  const world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER, changed INTEGER)')
  world.sqlite('a.db', 'INSERT INTO t VALUES (1, 1, 1), (2, -2, 2), (3, 3, 3), (4, -4, 4), (5, -5, 5)')
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER CHECK (net > 0), changed INTEGER)')
  return world
}

async function retry(world: World, run: ConfigInput, sync = 't'): Promise<RunResult | undefined> {
  await using syncline = await openSyncline({ config: run, cwd: world.folder })
  return (await syncline.retry(sync).results)[0]
}

test.each(['mirror', 'upsert', 'append'] as const)('%s: only the rejects are read and delivered, as they are now', async (mode) => {
  using world = withRows()
  const run = config(mode, mode === 'mirror' ? {} : { cursor: 'changed' })
  expect((await world.runOne(run)).counts).toMatchObject({ inserted: 2, rejected: 3 })
  world.sqlite(
    'a.db',
    'UPDATE t SET net = 20 WHERE id = 2',
    'DELETE FROM t WHERE id = 5',
    'INSERT INTO t VALUES (9, 9, 9)',
    'UPDATE t SET net = 30 WHERE id = 3',
  )
  expect(await retry(world, run)).toMatchObject({
    status: 'succeeded',
    counts: { read: 2, inserted: 1, updated: 0, deleted: 0, rejected: 1 },
  })
  expect(world.rows('b.db', 'SELECT id, net FROM t')).toEqual([
    [1n, 1n],
    [2n, 20n],
    [3n, 3n],
  ])
  expect((await world.rejects(run)).map(({ row }) => row.id)).toEqual(['4'])
  world.sqlite('a.db', 'UPDATE t SET net = 40 WHERE id = 4')
  expect(await retry(world, run)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, rejected: 0 } })
  expect(await world.rejects(run)).toEqual([])
  expect(await retry(world, run)).toMatchObject({ status: 'failed', error: { code: 'NO_REJECTS' } })
  // What an append finds there with other cells is a reject of its own: it changes nothing.
  expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, rejected: mode === 'append' ? 1 : 0 })
  expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[5n]])
})

test('rows that cannot be found again by their keys stay, and the way to try them again is said', async () => {
  using world = withRows()
  world.write('in.csv', 'id,net\n1,1\n2,-2\n')
  const run: ConfigInput = { connections: { b: './b.db' }, syncs: { t: { from: './in.csv', to: 'b#t', mode: 'upsert' } } }
  await world.runOne(run)
  expect(await retry(world, run)).toMatchObject({
    status: 'failed',
    error: { code: 'CANNOT_RETRY', hint: expect.stringContaining('syncline run t') },
  })
  expect(await world.rejects(run)).toHaveLength(1)
  await expect(retry(world, run, 'u')).rejects.toThrow('u')
})

test('a key is found in the source however it is spelled there', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (ID INTEGER PRIMARY KEY, net INTEGER)', 'INSERT INTO t VALUES (1, 1), (2, -2)')
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, NET INTEGER CHECK (NET > 0))')
  const run = config('upsert')
  expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, rejected: 1 })
  world.sqlite('a.db', 'UPDATE t SET net = 2 WHERE ID = 2')
  expect(await retry(world, run)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 1, inserted: 1, rejected: 0 } })
  expect(await world.rejects(run)).toEqual([])
})

test('what a guard withholds is still kept once rejects were delivered', async () => {
  using world = withRows()
  world.sqlite('a.db', 'DELETE FROM t WHERE id = 3')
  world.sqlite('b.db', 'INSERT INTO t VALUES (3, 3, 3), (8, 8, 8), (9, 9, 9)')
  const guarded: ConfigInput = {
    ...config('mirror'),
    syncs: { t: { from: 'a#t', to: 'b#t', mode: 'mirror', guard: { deletes: 1, proceed: 'inserts' } } },
  }
  const run = await world.runOne(guarded)
  expect(run).toMatchObject({ status: 'withheld', counts: { inserted: 1, rejected: 3 } })
  world.sqlite('a.db', 'UPDATE t SET net = -net WHERE net < 0')
  expect(await retry(world, guarded)).toMatchObject({ status: 'succeeded', counts: { inserted: 3 } })
  await using syncline = await openSyncline({ config: guarded, cwd: world.folder })
  expect(await syncline.withheld(run.id)).toMatchObject([{ counts: { deleted: 3 } }])
  await syncline.plan().results
  const [again] = await syncline.run().results
  expect(again).toMatchObject({ status: 'withheld' })
  expect(await syncline.apply(run.details.plan ?? '').results).toMatchObject([{ status: 'succeeded', counts: { deleted: 3 } }])
})
