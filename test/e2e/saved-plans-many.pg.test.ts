import { readdirSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

let world: World
let database: FreshDatabase

beforeEach(async () => {
  world = new World()
  database = await freshDatabase()
  const tables = [
    'create table parent (id int primary key, v text)',
    'create table child (id int primary key, parent int references parent, v text)',
    'create table log (v text)',
  ]
  await using client = await database.connect()
  await client.run(...['a', 'b'].flatMap((name) => [`create schema ${name}`, `set search_path = ${name}`, ...tables]))
  await client.run(
    "insert into a.parent values (1, 'one'), (3, 'three')",
    "insert into a.child values (1, 1, 'a'), (2, 3, 'b'), (4, null, 'd')",
    "insert into b.parent values (1, 'eins'), (2, 'zwei')",
    "insert into b.child values (1, 2, 'a'), (3, 2, 'c')",
    "insert into a.log values ('x'), ('x')",
    "insert into b.log values ('x'), ('y')",
  )
})

afterEach(async () => {
  world[Symbol.dispose]()
  await database[Symbol.asyncDispose]()
})

type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

function config(settings: Settings = {}): ConfigInput {
  return {
    connections: { a: { type: 'postgres', url: database.url, schema: 'a' }, b: { type: 'postgres', url: database.url, schema: 'b' } },
    syncs: {
      all: { from: 'a#a.*', to: 'b#{table}', mode: 'mirror', guard: 'off', tables: { log: { mode: 'replace' } }, ...settings },
    },
  }
}

async function plan(using: ConfigInput = config()) {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  return await syncline.plan({ save: 'x.plan' }).results
}

async function apply(file = 'x.plan', using: ConfigInput = config()): Promise<readonly RunResult[]> {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  return await syncline.apply(file).results
}

async function tables(schema: string): Promise<readonly unknown[]> {
  const names = ['parent', 'child', 'log']
  return await Promise.all(names.map(async (name) => await database.rows(`select * from ${schema}.${name} order by 1`)))
}

describe('a plan of many tables', () => {
  test('is applied by one file, in the order that foreign keys ask for', async () => {
    const planned = await plan()
    expect(planned.map(({ sync, status }) => [sync, status])).toEqual([
      ['all/child', 'differs'],
      ['all/log', 'differs'],
      ['all/parent', 'differs'],
    ])
    const applied = await apply()
    expect(applied.map(({ sync, command, status, error }) => [sync, command, status, error])).toEqual([
      ['all/child', 'apply', 'succeeded', null],
      ['all/log', 'apply', 'succeeded', null],
      ['all/parent', 'apply', 'succeeded', null],
    ])
    expect(applied.map(({ counts }) => [counts.inserted, counts.updated, counts.deleted])).toEqual(
      planned.map(({ counts }) => [counts.inserted, counts.updated, counts.deleted]),
    )
    expect(await tables('b')).toEqual(await tables('a'))
    expect((await apply()).map(({ error }) => error?.code)).toContain('PLAN_STALE')
  })

  test.each([
    ['a row of one table of the target moved', "update b.child set v = 'z' where id = 3", 'all/child'],
    ['a row of one table of the source moved', "update a.parent set v = 'drei' where id = 3", 'all/parent'],
    ['rows without a key moved', "insert into b.log values ('z')", 'all/log'],
    ['a row that the plan deletes is needed', "insert into b.child values (9, 2, 'new')", 'all/parent'],
    ['a column came', 'alter table a.child add note text', 'all/child'],
  ])('is refused as a whole where %s', async (_, statement, table) => {
    await plan()
    await database.run(statement)
    const before = await tables('b')
    const applied = await apply()
    expect(applied.map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
    expect(applied.find(({ sync }) => sync === table)?.error?.code).toBe('PLAN_STALE')
    expect(await tables('b')).toEqual(before)
  })

  test('is refused where a table is gone, and leaves tables alone that it does not know', async () => {
    await plan()
    await database.run('create table a.fresh (id int primary key)')
    expect((await apply()).map(({ sync, status }) => [sync, status])).toEqual([
      ['all/child', 'succeeded'],
      ['all/log', 'succeeded'],
      ['all/parent', 'succeeded'],
    ])
    await database.run("insert into a.child values (7, null, 'new')")
    await plan()
    await database.run('drop table a.child')
    expect(await apply()).toMatchObject([
      { status: 'failed', error: { code: 'PLAN_STALE', message: expect.stringContaining('all/child') } },
    ])
  })

  test('of a withheld run is kept once for all tables, and approved once', async () => {
    const guarded = config({ guard: { deletes: 0 }, tables: { log: { mode: 'replace', guard: 'off' } } })
    const before = await tables('b')
    const runs = await world.run(guarded)
    expect(runs.map(({ sync, status, error }) => [sync, status, error?.code])).toEqual([
      ['all/child', 'withheld', 'WITHHELD'],
      ['all/log', 'withheld', 'WITHHELD_TOGETHER'],
      ['all/parent', 'withheld', 'WITHHELD'],
    ])
    expect(await tables('b')).toEqual(before)
    const [kept, ...others] = new Set(runs.map(({ details }) => details.plan))
    expect([kept, others]).toEqual([world.path(`.syncline/plans/${runs[0]?.id}.plan`), []])
    expect((await apply(kept, guarded)).map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded'])
    expect(await tables('b')).toEqual(await tables('a'))
    expect(readdirSync(world.path('.syncline/plans'))).toEqual([])
  })
})
