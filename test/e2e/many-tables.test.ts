import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { lockSync } from '../../src/state/lock.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

afterEach(() => {
  world[Symbol.dispose]()
})

/** A chain (country → customer → order → line), a diamond (line → product → country), a tree, and a circle. */
const schema = [
  'create table country (code text primary key, name text)',
  'create table customer (id integer primary key, name text not null, country text references country)',
  'create table product (id integer primary key, name text, country text references country)',
  'create table "order" (id integer primary key, customer integer not null references customer, total integer)',
  'create table line (ordered integer references "order", product integer references product, pieces integer, primary key (ordered, product))',
  'create table person (id integer primary key, name text, boss integer references person)',
  'create table team (id integer primary key, name text, lead integer references member)',
  'create table member (id integer primary key, name text, team integer not null references team)',
  'create table audit_log (id integer primary key, what text)',
]

const tables = ['country', 'customer', 'line', 'member', 'order', 'person', 'product', 'team']

const rows = [
  "insert into country values ('DE', 'Germany'), ('UK', 'Britain')",
  "insert into customer values (1, 'Ada', 'UK'), (2, 'Carl', 'DE'), (3, 'Emmy', 'DE')",
  "insert into product values (1, 'Engine', 'UK'), (2, 'Curve', 'DE')",
  'insert into "order" values (10, 1, 100), (11, 2, 200), (12, 3, 300)',
  'insert into line values (10, 1, 1), (10, 2, 2), (11, 2, 3), (12, 1, 4)',
  "insert into person values (1, 'Root', null), (2, 'Left', 1), (3, 'Leaf', 2)",
  "pragma foreign_keys = off; insert into team values (1, 'Sets', 1); insert into member values (1, 'Emmy', 1), (2, 'Ada', 1)",
  "insert into audit_log values (1, 'nothing')",
]

/** Inserts, updates and deletes in every table: rows go, rows come, and rows that stay refer to others than before. */
const changes = [
  'pragma foreign_keys = off',
  "insert into country values ('FR', 'France')",
  "update country set name = 'United Kingdom' where code = 'UK'",
  "insert into customer values (4, 'Sophie', 'FR')",
  'update "order" set customer = 4 where id = 12',
  'delete from customer where id = 3',
  "update product set country = 'FR' where id = 2",
  'delete from line where ordered = 11',
  'delete from "order" where id = 11',
  'delete from customer where id = 2',
  "delete from country where code = 'DE'",
  'insert into "order" values (13, 4, 400)',
  'insert into line values (13, 2, 5)',
  "insert into person values (4, 'New root', null)",
  'update person set boss = 4 where id in (2)',
  'delete from person where id = 1',
  "insert into team values (2, 'Rings', 3); insert into member values (3, 'Emil', 2); update member set team = 2 where id = 2",
]

const shop: ConfigInput = {
  connections: { shop: './shop.db', lake: './lake.db' },
  syncs: { shop: { from: 'shop#*', to: 'lake#{table}', mode: 'mirror', exclude: ['audit_*'], guard: 'off' } },
}

function expectSame(names: readonly string[] = tables): void {
  for (const name of names)
    expect(world.rows('lake.db', `select * from "${name}"`), name).toEqual(world.rows('shop.db', `select * from "${name}"`))
}

describe('many tables at once', () => {
  test('each table is a sync of its own, created with its key, and a second run finds nothing', async () => {
    world.sqlite('shop.db', ...schema, ...rows)
    const first = await world.run(shop)
    expect(first.map(({ sync, status }) => [sync, status])).toEqual(tables.map((name) => [`shop/${name}`, 'succeeded']))
    expectSame()
    expect(world.rows('lake.db', "select name from sqlite_schema where name like 'audit%'")).toEqual([])
    const second = await world.run(shop)
    expect(second.map(({ counts }) => counts.inserted + counts.updated + counts.deleted)).toEqual(tables.map(() => 0))
  })

  test('inserts, updates and deletes of tables that refer to each other are written in one run', async () => {
    world.sqlite('shop.db', ...schema, ...rows)
    world.sqlite('lake.db', ...schema)
    await world.run(shop)
    expectSame()
    world.sqlite('shop.db', ...changes)
    const results = await world.run(shop)
    expect(results.map(({ sync, status, error }) => [sync, status, error])).toEqual(
      tables.map((name) => [`shop/${name}`, 'succeeded', null]),
    )
    expectSame()
    expect(world.rows('lake.db', 'pragma foreign_key_check')).toEqual([])
  })
})

type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** The same sync with other settings. */
function withSettings(settings: Settings, connections: Record<string, string> = {}): ConfigInput {
  return {
    connections: { shop: './shop.db', lake: './lake.db', ...connections },
    syncs: { shop: { from: 'shop#*', to: 'lake#{table}', mode: 'mirror', exclude: ['audit_*'], guard: 'off', ...settings } },
  }
}

async function failure(config: ConfigInput) {
  const results = await world.run(config)
  return results.map(({ sync, status, error }) => ({ sync, status, code: error?.code, message: error?.message, hint: error?.hint }))
}

describe('what a config says of many tables', () => {
  beforeEach(() => world.sqlite('shop.db', ...schema, ...rows))

  test.each<[string, Settings, string, RegExp]>([
    ['a pattern that matches nothing', { from: 'shop#xyz_*' }, 'NO_TABLES', /no table matches shop#xyz_\*; nothing was done/],
    ['everything left out', { exclude: ['*'] }, 'NO_TABLES', /every table of shop#\* is left out/],
    ['settings of a table that is not there', { tables: { ordr: { mode: 'upsert' } } }, 'TABLE_NOT_FOUND', /names `ordr`/],
    ['a schema where there is none', { to: 'lake#{schema}_{table}' }, 'NO_SCHEMA', /listed without one/],
    ['files that are one dataset', { from: { connection: 'desk', object: '*.csv' } }, 'NOT_MANY_TABLES', /are one dataset/],
  ])('%s is an error, never an empty success', async (_, settings, code, message) => {
    world.write('a.csv', 'id\n1\n')
    const results = await failure(withSettings(settings, { desk: '.' }))
    expect(results).toEqual([expect.objectContaining({ sync: 'shop', status: 'failed', code, message: expect.stringMatching(message) })])
  })

  test('the nearest name is offered', async () => {
    const [found] = await failure(withSettings({ tables: { ordr: { mode: 'upsert' } } }))
    expect(found?.hint).toBe('did you mean `order`?')
  })

  test.each<[Settings, RegExp]>([
    [{ from: 'shop#order' }, /names one object; `\{table\}` in the target stands for each table/],
    [{ to: 'lake#{schema}' }, /lacks `\{table\}`/],
    [{ to: 'lake#one' }, /shop\.exclude is about many tables, and this sync is about one/],
    [{ tables: { order: { cursor: 'id' } } }, /a mirror reads its whole source; `cursor`/],
    [{ parallel: 0 }, /a whole number of 1 or more/],
  ])('%j is refused before anything is opened', async (settings, message) => {
    await expect(openSyncline({ config: withSettings(settings), cwd: world.folder })).rejects.toThrow(message)
  })

  test('single tables have settings of their own', async () => {
    const config = withSettings({ tables: { order: { mode: 'upsert', cursor: 'id' }, line: { select: ['ordered', 'product'] } } })
    const results = await world.run(config)
    expect(results.find(({ sync }) => sync === 'shop/order')).toMatchObject({ mode: 'upsert', watermark: '12' })
    expect(world.rows('lake.db', 'select count(*), count(distinct ordered) from line')).toEqual([[4n, 3n]])
    expect(world.rows('lake.db', "select name from pragma_table_info('line')")).toEqual([['ordered'], ['product']])
    await using syncline = await openSyncline({ config, cwd: world.folder })
    expect(await syncline.watermarks.get('shop/order')).toBe('12')
    await expect(syncline.watermarks.get('shop')).rejects.toThrow(/stands for many tables/)
    await syncline.watermarks.reset('shop')
    expect(await syncline.watermarks.get('shop/order')).toBeNull()
  })

  test('single tables are selected, left out, previewed and looked up by family/table', async () => {
    await using syncline = await openSyncline({ config: withSettings({}), cwd: world.folder })
    const names = (results: readonly { readonly sync: string }[]) => results.map(({ sync }) => sync)
    expect(names(await syncline.run({ syncs: ['shop/order', 'shop/customer'] }).results)).toEqual(['shop/customer', 'shop/order'])
    expect(names(await syncline.run({ exclude: ['shop/order', 'shop/line'] }).results)).not.toContain('shop/order')
    const [unknown] = await syncline.run({ select: ['shop/ordr'] }).results
    expect(unknown).toMatchObject({ sync: 'shop', error: { code: 'TABLE_NOT_FOUND', hint: 'did you mean `order`?' } })
    expect((await syncline.preview('shop/order', 1)).rows).toEqual([['10', '1', '100']])
    await expect(syncline.preview('shop', 1)).rejects.toThrow(/stands for many tables/)
    expect(names(await syncline.runs({ sync: 'shop/order' }))).toEqual(['shop/order'])
    expect(names(await syncline.runs({ sync: 'shop' })).filter((name) => name === 'shop')).toEqual(['shop'])
    expect(await syncline.runs({ sync: 'shop' })).toHaveLength(9)
    expect((await syncline.check()).syncs).toEqual([
      { sync: 'shop', ok: true, summary: 'shop#* → lake#{table}, 8 tables, 1 of which will be created' },
    ])
  })
})

describe('all tables or none', () => {
  beforeEach(async () => {
    world.sqlite('shop.db', ...schema, ...rows)
    world.sqlite('lake.db', ...schema)
    await world.run(shop)
  })

  test('where one table fails, the others are rolled back and say which one it was', async () => {
    world.sqlite('lake.db', "create trigger refuse before insert on person begin select raise(abort, 'no'); end")
    world.sqlite('shop.db', ...changes)
    const results = await failure(shop)
    const [person] = results.filter(({ sync }) => sync === 'shop/person')
    expect(person?.status).toBe('failed')
    for (const other of results.filter(({ sync }) => sync !== 'shop/person')) {
      expect(other).toMatchObject({
        status: 'failed',
        code: 'ROLLED_BACK_TOGETHER',
        message: expect.stringContaining('because `shop/person` failed'),
      })
    }
    expect(world.rows('lake.db', 'select count(*) from "order" where id = 13')).toEqual([[0n]])
    world.sqlite('lake.db', 'drop trigger refuse')
    await world.run(shop)
    expectSame()
  })

  test('a guard that one table passes withholds all of them', async () => {
    world.sqlite('shop.db', 'delete from line where ordered = 10', "update person set name = 'X' where id = 3")
    const results = await failure(withSettings({ tables: { line: { guard: { deletes: 1 } } } }))
    expect(results.map(({ status }) => status)).toEqual(tables.map(() => 'withheld'))
    expect(results.find(({ sync }) => sync === 'shop/line')?.message).toMatch(/2 rows of 4 would be deleted/)
    expect(results.find(({ sync }) => sync === 'shop/person')?.message).toMatch(/because `shop\/line` is withheld/)
    expect(world.rows('lake.db', 'select count(*) from line')).toEqual([[4n]])
    expect(world.rows('lake.db', 'select name from person where id = 3')).toEqual([['Leaf']])
  })

  test('a family and its tables are run by one process at a time', async () => {
    using lock = lockSync(join(world.folder, '.syncline', 'locks'), 'shop')
    expect(lock).toBeDefined()
    expect(await failure(shop)).toEqual([expect.objectContaining({ sync: 'shop', status: 'failed', code: 'LOCKED' })])
  })
})
