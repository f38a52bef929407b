import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

const config = (sync: Omit<NonNullable<ConfigInput['syncs']>[string], 'from' | 'to'>, from: object | string = 'a#items'): ConfigInput => ({
  connections: { a: './a.db', b: './b.db' },
  syncs: { items: { from: from as string, to: 'b#items', ...sync } },
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

describe('mirror', () => {
  test('brings the target in step, again after a change, and then finds nothing', async () => {
    using world = withItems()
    const mirror = config({ mode: 'mirror' })
    expect(await world.runOne(mirror)).toMatchObject({ status: 'succeeded', counts: { read: 4, inserted: 4, unchanged: 0 } })
    world.sqlite('a.db', ...change)
    expect((await world.plan(mirror)).counts).toEqual({ read: 4, inserted: 1, updated: 1, deleted: 1, unchanged: 2, rejected: 0 })
    expect((await world.runOne(mirror)).counts).toEqual({ read: 4, inserted: 1, updated: 1, deleted: 1, unchanged: 2, rejected: 0 })
    expect(world.rows('b.db', 'SELECT * FROM items ORDER BY id')).toEqual(world.rows('a.db', 'SELECT * FROM items ORDER BY id'))
    expect((await world.runOne(mirror)).counts).toEqual({ read: 4, inserted: 0, updated: 0, deleted: 0, unchanged: 4, rejected: 0 })
    expect((await world.verify(mirror)).status).toBe('succeeded')
  })

  test('inside a scope leaves what is outside alone', async () => {
    using world = withItems()
    await world.runOne(config({ mode: 'mirror' }))
    world.sqlite('a.db', 'DELETE FROM items')
    world.sqlite('a.db', "INSERT INTO items VALUES (1, 'only', 10)")
    const result = await world.runOne(config({ mode: 'mirror', scope: 'id <= 2', guard: 'off' }))
    expect(result.counts).toMatchObject({ read: 1, updated: 1, deleted: 1 })
    expect(world.rows('b.db', 'SELECT id, name FROM items ORDER BY id')).toEqual([
      [1n, 'only'],
      [3n, null],
      [4n, 'd'],
    ])
  })

  test('leaves columns that only the target has alone and adds those it lacks', async () => {
    using world = withItems()
    world.sqlite('b.db', "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, mine TEXT DEFAULT 'kept')")
    world.sqlite('b.db', "INSERT INTO items VALUES (1, 'old', 'own')")
    const result = await world.runOne(config({ mode: 'mirror' }))
    expect(result.details.schema).toHaveLength(1)
    expect(world.rows('b.db', 'SELECT id, name, mine, changed FROM items WHERE id <= 2 ORDER BY id')).toEqual([
      [1n, 'a', 'own', 10n],
      [2n, '', 'kept', 20n],
    ])
  })

  test('needs a key', async () => {
    using world = new World()
    world.write('items.csv', 'id,name\n1,a\n')
    const result = world.run({ connections: { b: './b.db' }, syncs: { items: { from: './items.csv', to: 'b#items', mode: 'mirror' } } })
    expect((await result)[0]).toMatchObject({ status: 'failed', error: { code: 'NO_KEY' } })
  })
})

describe('upsert', () => {
  test('inserts and updates by key and deletes nothing', async () => {
    using world = withItems()
    const upsert = config({ mode: 'upsert' })
    await world.runOne(upsert)
    world.sqlite('a.db', ...change)
    expect((await world.runOne(upsert)).counts).toEqual({ read: 4, inserted: 1, updated: 1, deleted: 0, unchanged: 2, rejected: 0 })
    expect(world.rows('b.db', 'SELECT id FROM items ORDER BY id')).toEqual([[1n], [2n], [3n], [4n], [5n]])
    expect((await world.runOne(upsert)).counts).toMatchObject({ inserted: 0, updated: 0, unchanged: 4 })
  })

  test('with a cursor reads from the watermark on, equal values and the lag included', async () => {
    using world = withItems()
    const upsert = config({ mode: 'upsert' }, { connection: 'a', object: 'items', cursor: 'changed', lag: 10 })
    expect(await world.runOne(upsert)).toMatchObject({ counts: { read: 4, inserted: 4 }, watermark: '40' })
    expect(await world.runOne(upsert)).toMatchObject({ counts: { read: 2, unchanged: 2 }, watermark: '40' })
    world.sqlite('a.db', "INSERT INTO items VALUES (6, 'late, same value', 40), (7, 'late, earlier', 31), (8, 'too late', 29)")
    expect(await world.runOne(upsert)).toMatchObject({ counts: { read: 4, inserted: 2, unchanged: 2 }, watermark: '40' })
  })
})

describe('append', () => {
  test('with a cursor adds the new rows once, rows that share the last value included', async () => {
    using world = withItems()
    const append = config({ mode: 'append' }, { connection: 'a', object: 'items', cursor: 'changed' })
    expect((await world.runOne(append)).counts).toMatchObject({ read: 4, inserted: 4 })
    world.sqlite('a.db', "INSERT INTO items VALUES (5, 'same value', 40), (6, 'next', 41)")
    expect((await world.runOne(append)).counts).toMatchObject({ read: 3, inserted: 2, unchanged: 1 })
    expect((await world.runOne(append)).counts).toMatchObject({ inserted: 0, rejected: 0 })
    expect(world.rows('b.db', 'SELECT count(*) FROM items')).toEqual([[6n]])
  })

  test('without a key or a cursor adds every row on each run', async () => {
    using world = new World()
    world.write('log.csv', 'line\na\na\nb\n')
    const append: ConfigInput = { syncs: { log: { from: './log.csv', to: './b.db#log', mode: 'append' } } }
    await world.runOne(append)
    expect((await world.runOne(append)).counts).toMatchObject({ read: 3, inserted: 3 })
    expect(world.rows('b.db', 'SELECT count(*) FROM log')).toEqual([[6n]])
  })

  test('with a cursor and no key tells rows apart by all their cells', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE items (name TEXT, changed INTEGER)', "INSERT INTO items VALUES ('a', 1), ('a', 1), ('b', 2)")
    const append = config({ mode: 'append' }, { connection: 'a', object: 'items', cursor: 'changed' })
    expect((await world.runOne(append)).counts).toMatchObject({ inserted: 3 })
    world.sqlite('a.db', "INSERT INTO items VALUES ('b', 2), ('c', 3)")
    expect((await world.runOne(append)).counts).toMatchObject({ read: 3, inserted: 2 })
    expect(world.rows('b.db', 'SELECT name FROM items ORDER BY name')).toEqual([['a'], ['a'], ['b'], ['b'], ['c']])
  })

  test('sets a row aside whose key is there with other cells', async () => {
    using world = withItems()
    await world.runOne(config({ mode: 'append' }))
    world.sqlite('a.db', ...change)
    expect((await world.runOne(config({ mode: 'append' }))).counts).toEqual({
      read: 4,
      inserted: 1,
      updated: 0,
      deleted: 0,
      unchanged: 2,
      rejected: 1,
    })
  })
})

describe('replace', () => {
  test('leaves exactly the rows of the source', async () => {
    using world = withItems()
    const replace = config({ mode: 'replace' })
    expect(await world.runOne(replace)).toMatchObject({ status: 'succeeded', counts: { read: 4, inserted: 4, deleted: 0 } })
    world.sqlite('a.db', ...change)
    expect(await world.runOne(replace)).toMatchObject({ status: 'succeeded', counts: { read: 4, inserted: 4, deleted: 4 } })
    expect(world.rows('b.db', 'SELECT * FROM items ORDER BY id')).toEqual(world.rows('a.db', 'SELECT * FROM items ORDER BY id'))
  })

  test('its plan shows what will be different', async () => {
    using world = withItems()
    const replace = config({ mode: 'replace' })
    await world.runOne(replace)
    world.sqlite('a.db', ...change)
    expect((await world.plan(replace)).counts).toMatchObject({ inserted: 1, updated: 1, deleted: 1, unchanged: 2 })
  })
})

describe('several syncs', () => {
  test('run after those they depend on, and not at all where one of those failed', async () => {
    using world = withItems()
    const results = await world.run({
      connections: { a: './a.db', b: './b.db' },
      syncs: {
        last: { from: 'b#copy', to: 'b#copy2', mode: 'mirror', key: 'id', after: ['middle'] },
        middle: { from: 'a#items', to: 'b#copy', mode: 'mirror' },
        broken: { from: 'a#missing', to: 'b#x', mode: 'replace' },
        waits: { from: 'a#items', to: 'b#y', mode: 'replace', after: ['broken'] },
      },
    })
    expect(results.map(({ sync, status, error }) => [sync, status, error?.code])).toEqual([
      ['middle', 'succeeded', undefined],
      ['last', 'succeeded', undefined],
      ['broken', 'failed', 'TABLE_NOT_FOUND'],
      ['waits', 'failed', 'DEPENDENCY'],
    ])
  })
})
