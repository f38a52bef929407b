import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { lockSync } from '../../src/state/lock.ts'
import { changes, rows, schema, shop, tables, withSettings } from './many-tables.ts'
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

test('what cannot change all tables at once is written table by table, and says so', async () => {
  world.sqlite('shop.db', ...schema, ...rows)
  const results = await world.run(withSettings({ to: 'desk#{table}.csv', mode: 'replace' }, { desk: './out' }))
  expect(results.map(({ status }) => status)).toEqual(tables.map(() => 'succeeded'))
  expect(results[0]?.details.notes).toEqual([expect.stringContaining('committed for itself')])
  expect(readFileSync(world.path('out/country.csv'), 'utf8')).toBe('code,name\nDE,Germany\nUK,Britain\n')
})
