import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { World } from './world.ts'

const config = {
  connections: { a: './a.db', b: './b.db', desk: '.' },
  syncs: { items: { from: 'a#items', to: 'b#items', mode: 'mirror' as const } },
}

function filled(): World {
  const world = new World()
  const create = 'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price TEXT)'
  world.sqlite('a.db', create, `INSERT INTO items VALUES (1, 'one', '1.50'), (2, 'two', NULL), (3, '', '3')`)
  world.sqlite('b.db', create, `INSERT INTO items VALUES (1, 'one', '1.50'), (2, 'zwei', '2'), (4, 'four', '4')`)
  return world
}

async function plan(world: World) {
  await using syncline = await openSyncline({ config, cwd: world.folder })
  return await syncline.plan({ save: 'x.plan' }).results
}

async function apply(world: World, file = 'x.plan') {
  await using syncline = await openSyncline({ config, cwd: world.folder })
  const [result] = await syncline.apply(file).results
  return result
}

const rows = (world: World) => world.rows('b.db', 'SELECT * FROM items ORDER BY id')

test('what processes left that were killed as they wrote a plan is removed, and what others write is not', async () => {
  using world = filled()
  const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
  const gone = `.syncline-${machine}-999999999-0123abcd.plan`
  const staying = [`.syncline-${machine}-${process.pid}-0123abcd.plan`, '.syncline-00000000-999999999-0123abcd.plan', '.1-2.plan']
  for (const name of [gone, ...staying]) world.write(name, 'rows')
  await plan(world)
  expect(
    readdirSync(world.folder)
      .filter((name) => name.endsWith('.plan'))
      .sort(),
  ).toEqual([...staying, 'x.plan'].sort())
})

describe('a saved plan', () => {
  test('is applied exactly, once', async () => {
    using world = filled()
    expect(await plan(world)).toMatchObject([{ status: 'differs', counts: { inserted: 1, updated: 1, deleted: 1 } }])
    expect(statSync(world.path('x.plan')).mode & 0o777).toBe(0o600)
    expect(await apply(world)).toMatchObject({ command: 'apply', status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual(world.rows('a.db', 'SELECT * FROM items ORDER BY id'))
    expect(await apply(world)).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' } })
  })

  test.each([
    ['the target', 'b.db', `UPDATE items SET name = 'dos' WHERE id = 2`, '1 of its rows changed in the target'],
    ['the target, where a row is gone', 'b.db', 'DELETE FROM items WHERE id = 2', '1 of its rows changed in the target'],
    ['the source', 'a.db', `UPDATE items SET name = 'due' WHERE id = 2`, '1 of its rows changed in the source'],
    [
      'the source, where a row is there again',
      'a.db',
      `INSERT INTO items VALUES (4, 'quattro', '4')`,
      '1 of its rows changed in the source',
    ],
    ['both, to the same', 'b.db', `UPDATE items SET name = 'two', price = NULL WHERE id = 2`, '1 of its rows agree by now'],
  ])('is refused where %s moved, and changes nothing', async (_, file, statement, said) => {
    using world = filled()
    await plan(world)
    world.sqlite(file, statement)
    const before = rows(world)
    const result = await apply(world)
    expect(result).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE', message: expect.stringContaining(said) } })
    expect(rows(world)).toEqual(before)
  })

  test('leaves alone what it does not know of', async () => {
    using world = filled()
    await plan(world)
    world.sqlite('a.db', `INSERT INTO items VALUES (9, 'nine', '9')`)
    world.sqlite('b.db', `INSERT INTO items VALUES (8, 'eight', '8')`)
    expect(await apply(world)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual([
      [1n, 'one', '1.50'],
      [2n, 'two', null],
      [3n, '', '3'],
      [8n, 'eight', '8'],
    ])
  })

  test('passes a guard, because a person has looked', async () => {
    using world = filled()
    world.sqlite('a.db', 'DELETE FROM items')
    world.sqlite(
      'b.db',
      `WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO items SELECT i, 'x', '1' FROM n`,
    )
    expect(await plan(world)).toMatchObject([{ status: 'withheld' }])
    expect(await apply(world)).toMatchObject({ status: 'succeeded', counts: { deleted: 294 } })
    expect(rows(world)).toEqual([])
  })

  test('is refused where the config says something else by now', async () => {
    using world = filled()
    await plan(world)
    const other = { ...config, syncs: { items: { ...config.syncs.items, mode: 'upsert' as const } } }
    await using syncline = await openSyncline({ config: other, cwd: world.folder })
    expect(await syncline.apply('x.plan').results).toMatchObject([{ status: 'failed', error: { code: 'PLAN_STALE' } }])
  })

  test('is refused where a column came', async () => {
    using world = filled()
    await plan(world)
    world.sqlite('a.db', 'ALTER TABLE items ADD COLUMN note TEXT')
    expect(await apply(world)).toMatchObject({
      status: 'failed',
      error: { code: 'PLAN_STALE', message: expect.stringContaining('columns') },
    })
  })

  test('writes a file as a whole, and a new table', async () => {
    using world = filled()
    const files = {
      connections: config.connections,
      syncs: {
        csv: { from: 'a#items', to: 'desk#items.csv', mode: 'mirror' as const, key: 'id' },
        fresh: { from: 'a#items', to: 'b#copy', mode: 'append' as const },
      },
    }
    world.write('items.csv', 'id,name,price\n1,one,1.50\n7,seven,7\n')
    await using syncline = await openSyncline({ config: files, cwd: world.folder })
    expect(await syncline.plan({ save: 'x.plan' }).results).toMatchObject([
      { counts: { inserted: 2, deleted: 1 } },
      { counts: { inserted: 3 } },
    ])
    expect(await syncline.apply('x.plan').results).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
    expect(world.rows('b.db', 'SELECT count(*) FROM "copy"')).toEqual([[3n]])
    expect(await syncline.plan({ syncs: ['csv'] }).results).toMatchObject([{ status: 'succeeded', counts: { unchanged: 3 } }])
  })

  test('that adds rows without a key is applied once', async () => {
    using world = new World()
    world.write('new.csv', 'name,price\na,1\nb,2\n')
    world.sqlite('b.db', 'CREATE TABLE log (name TEXT, price TEXT)', `INSERT INTO log VALUES ('a', '1')`)
    const append = {
      connections: config.connections,
      syncs: { log: { from: 'desk#new.csv', to: 'b#log', mode: 'append' as const } },
    }
    await using syncline = await openSyncline({ config: append, cwd: world.folder })
    await syncline.plan({ save: 'x.plan' }).results
    expect(await syncline.apply('x.plan').results).toMatchObject([{ status: 'succeeded', counts: { inserted: 2 }, details: { notes: [] } }])
    expect(await syncline.apply('x.plan').results).toMatchObject([{ status: 'failed', error: { code: 'PLAN_STALE' } }])
    expect(world.rows('b.db', 'SELECT count(*) FROM log')).toEqual([[3n]])
  })

  test.each([
    ['is not there', 'y.plan', 'there is no plan'],
    ['is no plan', 'a.db', 'is no plan of Syncline'],
  ])('that %s is an error of the command line', async (_, file, said) => {
    using world = filled()
    await using syncline = await openSyncline({ config, cwd: world.folder })
    await expect(syncline.apply(file).results).rejects.toThrow(said)
  })
})
