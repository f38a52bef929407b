import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { lockSync } from '../../src/state/lock.ts'
import { changes, rows, type Settings, schema, shop, tables, withSettings } from './many-tables.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

afterEach(() => {
  world[Symbol.dispose]()
})

function expectSame(names: readonly string[] = tables): void {
  for (const name of names)
    expect(world.rows('lake.db', `select * from "${name}"`), name).toEqual(world.rows('shop.db', `select * from "${name}"`))
}

async function failure(config: ConfigInput) {
  const results = await world.run(config)
  return results.map(({ sync, status, error }) => ({ sync, status, code: error?.code, message: error?.message, hint: error?.hint }))
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

describe('all tables or none', () => {
  beforeEach(async () => {
    world.sqlite('shop.db', ...schema, ...rows)
    world.sqlite('lake.db', ...schema)
    await world.run(shop)
  })

  test('where one table fails, the others are rolled back and say which one it was', async () => {
    world.sqlite('lake.db', "create trigger refuse before insert on person begin select raise(abort, 'no'); end")
    world.sqlite('shop.db', ...changes)
    const results = await failure(withSettings({ on_reject: 'stop' }))
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

test('what cannot change all tables at once is written table by table, and says so', async () => {
  world.sqlite('shop.db', ...schema, ...rows)
  const results = await world.run(withSettings({ to: 'desk#{table}.csv', mode: 'replace' }, { desk: './out' }))
  expect(results.map(({ status }) => status)).toEqual(tables.map(() => 'succeeded'))
  expect(results[0]?.details.notes).toEqual([expect.stringContaining('committed for itself')])
  expect(readFileSync(world.path('out/country.csv'), 'utf8')).toBe('code,name\nDE,Germany\nUK,Britain\n')
})

describe('deletes that cascade', () => {
  const cascading = [
    'create table customer (id integer primary key, name text)',
    'create table "order" (id integer primary key, customer integer references customer on delete cascade)',
    'create table remark (id integer primary key, customer integer references customer on delete cascade)',
  ]

  beforeEach(async () => {
    world.sqlite('shop.db', ...cascading)
    world.sqlite('lake.db', ...cascading)
    world.sqlite('shop.db', "insert into customer values (1, 'Ada'), (2, 'Carl'), (3, 'Emmy')", 'insert into "order" values (1, 1), (2, 2)')
    await world.run(guarded({}))
    world.sqlite('shop.db', 'pragma foreign_keys = off', 'delete from "order" where id = 2', 'delete from customer where id = 2')
  })

  const guarded = (settings: Settings): ConfigInput => {
    const { connections, syncs } = withSettings(settings)
    const { guard: _, ...shopSync } = syncs?.shop ?? { from: '', to: '' }
    return { connections, syncs: { shop: shopSync } } as ConfigInput
  }

  test('need no approval where the rows that they take are of the same family', async () => {
    expect(await failure(guarded({}))).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }, { status: 'succeeded' }])
    expectSame(['customer', 'order', 'remark'])
  })

  test('need it where a table of others would lose rows', async () => {
    const results = await failure(guarded({ exclude: ['remark'] }))
    expect(results.map(({ status }) => status)).toEqual(['withheld', 'withheld'])
    expect(results[0]?.message).toMatch(/1 delete would take rows of other tables along, by remark\.0/)
  })
})

test('into DuckDB: tables that refer to each other come and change; rows that went with those that referred to them are said to stay', async () => {
  const chain = [
    'create table node (id integer primary key, what text)',
    'create table leaf (id integer primary key, node integer references node)',
  ]
  world.sqlite('shop.db', ...chain, "insert into node values (1, 'a'), (2, 'b')", 'insert into leaf values (1, 1), (2, 2)')
  await duckdb(...chain)
  const config = withSettings({ to: 'duck#{table}' }, { duck: './lake.duckdb' })
  expect(await failure(config)).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
  world.sqlite(
    'shop.db',
    "insert into node values (3, 'c')",
    'update leaf set node = 3 where id = 2',
    "update node set what = 'A' where id = 1",
  )
  expect(await failure(config)).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded' }])
  expect(await duckdb('select leaf.id, what from leaf join node on node.id = node order by 1')).toEqual([
    [1, 'A'],
    [2, 'c'],
  ])
  world.sqlite('shop.db', 'delete from leaf where id = 2', 'delete from node where id = 3')
  const [, stuck] = await failure(config)
  expect(stuck).toMatchObject({
    sync: 'shop/node',
    code: 'CONSTRAINT',
    hint: expect.stringContaining('declare these tables without REFERENCES'),
  })
  expect(await duckdb('select count(*)::integer from leaf')).toEqual([[2]])
})

/** Runs statements in the DuckDB file of the world, and gives the rows of the last. */
async function duckdb(...statements: readonly string[]): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(world.path('lake.duckdb'))
  const connection = await instance.connect()
  let rows: readonly unknown[] = []
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowsJS()
  connection.closeSync()
  instance.closeSync()
  return rows
}
