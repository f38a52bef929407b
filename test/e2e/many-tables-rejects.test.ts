import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/index.ts'
import { shop, withSettings } from './many-tables.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

afterEach(() => {
  world[Symbol.dispose]()
})

describe('rows that refer to rejected rows', () => {
  const loose = [
    'create table customer (id integer primary key, name text)',
    'create table "order" (id integer primary key, customer integer, total)',
    'create table line (id integer primary key, ordered integer)',
    'create table person (id integer primary key, name text, boss integer)',
  ]
  const strict = [
    'create table customer (id integer primary key, name text not null)',
    'create table "order" (id integer primary key, customer integer references customer on delete cascade, total integer)',
    'create table line (id integer primary key, ordered integer references "order")',
    'create table person (id integer primary key, name text not null, boss integer references person)',
  ]
  const byTable = (results: readonly RunResult[]) => Object.fromEntries(results.map(({ sync, counts }) => [sync.slice(5), counts]))

  beforeEach(() => {
    world.sqlite('shop.db', ...loose)
    world.sqlite('lake.db', ...strict)
  })

  test('are rejects that name the foreign key, down to the last of them; the others are delivered', async () => {
    world.sqlite(
      'shop.db',
      "insert into customer values (1, 'Ada'), (2, null)",
      'insert into "order" values (10, 1, 5), (11, 2, 6), (12, null, 7), (13, 99, 8)',
      'insert into line values (100, 10), (101, 11), (102, 13)',
      "insert into person values (1, 'Root', null), (2, null, 1), (3, 'Below', 2), (4, 'Further', 3), (5, 'Beside', 1)",
    )
    const results = await world.run(shop)
    expect(results.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
    expect(byTable(results)).toMatchObject({
      customer: { inserted: 1, rejected: 1 },
      order: { inserted: 2, rejected: 2 },
      line: { inserted: 1, rejected: 2 },
      person: { inserted: 2, rejected: 3 },
    })
    const [orphan] = (await world.rejects(shop)).filter(({ sync, row }) => sync === 'shop/order' && row.id === '11')
    expect(orphan).toMatchObject({
      reason: 'constraint',
      column: 'customer',
      detail: 'foreign key order.0: refers to a row of customer that is not there',
      row: { id: '11', customer: '2', total: '6' },
    })
    world.sqlite(
      'shop.db',
      "update customer set name = 'Carl' where id = 2",
      'delete from "order" where id = 13',
      'delete from line where id = 102',
    )
    expect(byTable(await world.run(shop))).toMatchObject({
      customer: { inserted: 1 },
      order: { inserted: 1, rejected: 0 },
      line: { inserted: 1 },
    })
  })

  test('a rejected row stays in the target, and so does what it refers to there, also where deletes would take it along', async () => {
    world.sqlite('shop.db', "insert into customer values (1, 'Ada'), (2, 'Carl')", 'insert into "order" values (10, 1, 5), (11, 2, 6)')
    await world.run(shop)
    world.sqlite('shop.db', 'delete from customer where id = 2', 'update "order" set total = \'six\', customer = 1 where id = 11')
    const results = byTable(await world.run(shop))
    expect(results).toMatchObject({ customer: { deleted: 0, rejected: 1 }, order: { rejected: 1, unchanged: 1 } })
    expect(world.rows('lake.db', 'select * from customer')).toEqual([
      [1n, 'Ada'],
      [2n, 'Carl'],
    ])
    expect(world.rows('lake.db', 'select * from "order"')).toEqual([
      [10n, 1n, 5n],
      [11n, 2n, 6n],
    ])
    expect((await world.rejects(shop)).find(({ sync }) => sync === 'shop/customer')).toMatchObject({
      reason: 'constraint',
      detail: 'foreign key order.0: rows of order that stay refer to it',
    })
  })

  test.each(['full', 'checksum'] as const)('with verify: %s what is left behind is no difference', async (verify) => {
    world.sqlite('shop.db', "insert into customer values (1, 'Ada'), (2, 'Carl')", 'insert into "order" values (10, 1, 5), (11, 2, 6)')
    await world.run(shop)
    world.sqlite(
      'shop.db',
      'delete from customer where id = 2',
      'update "order" set total = \'six\' where id = 11',
      'insert into "order" values (12, 77, 1)',
    )
    const results = await world.run(withSettings({ verify }))
    expect(results.map(({ error }) => error)).toEqual([null, null, null, null])
    expect(byTable(results)).toMatchObject({ customer: { rejected: 1 }, order: { rejected: 2 } })
  })
})

describe('rows that refer to rows which the target refuses', () => {
  const tables = [
    'create table customer (id integer primary key, name text)',
    'create table "order" (id integer primary key, customer integer references customer)',
    'create table line (id integer primary key, ordered integer references "order")',
  ]
  const delivered = () =>
    ['customer', '"order"', 'line'].map((table) => world.rows('lake.db', `select id from ${table} order by id`).flat())

  test.each(['checksum', 'full'] as const)(
    'are left out with them, also those that were proved by the source (verify: %s)',
    async (verify) => {
      world.sqlite('shop.db', ...tables)
      world.sqlite('lake.db', ...tables.map((sql) => sql.replace('name text', "name text check (name <> 'nobody')")))
      world.sqlite(
        'shop.db',
        "insert into customer values (1, 'Ada'), (2, 'nobody'), (3, 'Carl')",
        'insert into "order" values (10, 1), (11, 2), (12, 3), (13, 2)',
        'insert into line values (100, 10), (101, 11), (102, 13), (103, 12)',
      )
      const family = withSettings({ verify })
      const results = await world.run(family)
      expect(results.map(({ status, error }) => [status, error])).toEqual([
        ['succeeded', null],
        ['succeeded', null],
        ['succeeded', null],
      ])
      expect(delivered()).toEqual([
        [1n, 3n],
        [10n, 12n],
        [100n, 103n],
      ])
      expect((await world.rejects(family)).map(({ sync, row }) => `${sync} ${row.id}`).sort()).toEqual([
        'shop/customer 2',
        'shop/line 101',
        'shop/line 102',
        'shop/order 11',
        'shop/order 13',
      ])
      expect(await world.run(family)).toMatchObject(results.map(({ counts }) => ({ counts: { inserted: 0, rejected: counts.rejected } })))
      world.sqlite('shop.db', "update customer set name = 'Bob' where id = 2")
      await world.run(family)
      expect(await world.rejects(family)).toEqual([])
      expect(delivered().map((ids) => ids.length)).toEqual([3, 4, 4])
    },
  )
})
