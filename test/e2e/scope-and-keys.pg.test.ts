import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { amongOthers } from './among-others.ts'
import { nullKeys, nullKeysGo } from './null-keys.ts'
import { World } from './world.ts'

const sync = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, guard: 'off', ...more } },
})

/** Key types of PostgreSQL that take two texts as one, with two such texts. */
const folding = [
  ['citext', 'Ada', 'ADA'],
  ['char(5)', 'ada', 'ada  '],
  ['text COLLATE loose', 'Ada', 'ádA'],
] as const

/** Takes texts as one that differ by case or accents. */
const loose = "CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"

describe.each(folding)('a key of %s', (type, one, other) => {
  test('is matched as the target takes it, and its spelling is brought in step', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE EXTENSION IF NOT EXISTS citext',
      loose,
      `CREATE TABLE t (k ${type} PRIMARY KEY, v text)`,
      `INSERT INTO t VALUES ('${one}', 'old'), ('gone', 'old')`,
    )
    world.write('in.csv', `k,v\n"${other}",new\n`)
    const found = { inserted: 0, updated: 1, deleted: 1, rejected: 0 }
    expect((await world.plan(sync(target.url, 'mirror'))).counts).toMatchObject(found)
    expect((await world.runOne(sync(target.url, 'mirror'))).counts).toMatchObject(found)
    expect((await world.runOne(sync(target.url, 'mirror'))).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 1 })
    expect((await target.rows('SELECT k::text, v FROM t')).map(([k, v]) => [k?.trimEnd(), v])).toEqual([[other.trimEnd(), 'new']])
  })

  test.each(['append', 'replace', 'upsert', 'mirror'] as const)('rejects, by %s, every source row that shares one', async (mode) => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run('CREATE EXTENSION IF NOT EXISTS citext', loose, `CREATE TABLE t (k ${type} PRIMARY KEY, v text)`)
    world.write('in.csv', `k,v\n"${one}",1\n"${other}",2\nbob,3\n`)
    const result = await world.runOne(sync(target.url, mode, { on_reject: 'continue' }))
    expect(result).toMatchObject({ error: null, counts: { read: 3, inserted: 1, rejected: 2 } })
    expect(await target.rows('SELECT v FROM t')).toEqual([['3']])
    expect((await world.rejects(sync(target.url, mode))).map(({ reason }) => reason)).toEqual(['duplicate key', 'duplicate key'])
  })
})

test('the key is the target’s primary key, else the source’s, else what the config says', async () => {
  await using database = await freshDatabase()
  using world = new World()
  await database.run(
    'CREATE TABLE s (a integer PRIMARY KEY, b integer NOT NULL, v text)',
    "INSERT INTO s VALUES (1, 10, 'x')",
    'CREATE TABLE own (a integer, b integer PRIMARY KEY, v text)',
    'CREATE TABLE bare (a integer, b integer, v text)',
  )
  const key = async (to: string, more: object = {}) => {
    const config: ConfigInput = { connections: { b: database.url }, syncs: { t: { from: 'b#s', to, mode: 'mirror', ...more } } }
    return (await world.runOne(config)).details.key
  }
  expect(await key('b#own')).toEqual(['b'])
  expect(await key('b#bare')).toEqual(['a'])
  expect(await key('b#bare', { key: ['b', 'a'] })).toEqual(['b', 'a'])
})

describe('a mirror', () => {
  test('inside a scope leaves rows outside of it alone on both sides, and counts them for no guard', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE TABLE t (id integer PRIMARY KEY, region text, v text)',
      "INSERT INTO t SELECT i, CASE WHEN i <= 20 THEN 'eu' ELSE 'us' END, 'old' FROM generate_series(1, 100) i",
    )
    world.write('in.csv', `id,region,v\n${Array.from({ length: 19 }, (_, index) => `${index + 1},eu,new`).join('\n')}\n500,us,new\n`)
    const result = await world.runOne(sync(target.url, 'mirror', { scope: "region = 'eu'" }))
    expect(result).toMatchObject({ error: null, counts: { read: 19, inserted: 0, updated: 19, deleted: 1 } })
    expect(await target.rows('SELECT region, v, count(*) FROM t GROUP BY 1, 2 ORDER BY 1')).toEqual([
      ['eu', 'new', '19'],
      ['us', 'old', '80'],
    ])
    const emptied = 'id,region,v\n1,us,x\n'
    world.write('in.csv', emptied)
    expect(await world.runOne(sync(target.url, 'mirror', { scope: "region = 'eu'", guard: {} }))).toMatchObject({ status: 'withheld' })
  })

  test('meets a source row that moved out of the scope without touching the target row that lies outside', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run(
      'CREATE TABLE t (id integer PRIMARY KEY, region text, v text)',
      "INSERT INTO t VALUES (1, 'us', 'theirs'), (2, 'eu', 'ours')",
    )
    world.write('in.csv', 'id,region,v\n1,eu,mine\n2,eu,ours\n')
    const result = await world.runOne(sync(target.url, 'mirror', { scope: "region = 'eu'" }))
    expect(result).toMatchObject({ counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 1, rejected: 1 } })
    expect(await target.rows('SELECT v FROM t ORDER BY id')).toEqual([['theirs'], ['ours']])
  })

  test('with a reject whose key cannot be read deletes nothing in that run', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run('CREATE TABLE t (id integer PRIMARY KEY, v text)', "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    world.write('in.csv', 'id,v\n1,a\nx,b\n')
    const result = await world.runOne(sync(target.url, 'mirror'))
    expect(result).toMatchObject({ counts: { read: 2, deleted: 0, unchanged: 1, rejected: 1 } })
    expect(result.details.notes.join()).toContain('2 deletes left out')
    expect(await target.rows('SELECT count(*) FROM t')).toEqual([['3']])
  })

  test('leaves the target row of a rejected one as it is', async () => {
    await using target = await freshDatabase()
    using world = new World()
    await target.run('CREATE TABLE t (id integer PRIMARY KEY, n smallint)', 'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)')
    world.write('in.csv', 'id,n\n1,99999\n2,2\n2,3\n')
    expect(await world.runOne(sync(target.url, 'mirror'))).toMatchObject({ counts: { read: 3, updated: 0, deleted: 1, rejected: 3 } })
    expect(await target.rows('SELECT * FROM t ORDER BY id')).toEqual([
      ['1', '1'],
      ['2', '2'],
    ])
  })
})

test('a target that holds a key twice is refused, and nothing is changed', async () => {
  await using target = await freshDatabase()
  using world = new World()
  await target.run('CREATE TABLE t (id integer, v text)', "INSERT INTO t VALUES (1, 'a'), (1, 'b'), (2, 'c')")
  world.write('in.csv', 'id,v\n1,x\n')
  for (const mode of ['mirror', 'upsert'] as const) {
    const result = await world.runOne(sync(target.url, mode, { key: 'id' }))
    expect([mode, result.status, result.error?.hint !== undefined]).toEqual([mode, 'failed', true])
  }
  expect(await target.rows('SELECT count(*) FROM t')).toEqual([['3']])
})

test('a mirror into PostgreSQL deletes rows whose key is NULL, and says that it cannot be undone', async () => {
  await using database = await freshDatabase()
  await database.run(...nullKeys)
  using world = new World()
  await nullKeysGo(world, database.url, 'public.t')
})

test('a row whose key is NULL, and which others changed meanwhile, stays and is a reject', async () => {
  await using database = await freshDatabase()
  await database.run(...nullKeys)
  using world = new World()
  world.write('in.csv', 'a,b,v\n1,x,stays\n')
  const mirror: ConfigInput = {
    connections: { b: database.url },
    syncs: { t: { from: './in.csv', to: 'b#t', mode: 'mirror', key: ['a', 'b'], guard: 'off' } },
  }
  const run = async () => await world.runOne(mirror)
  const result = await amongOthers(database, ["UPDATE t SET v = 'theirs' WHERE v = 'goes too'"], run)
  expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { deleted: 4, rejected: 1 } })
  expect(await world.rejects(mirror)).toMatchObject([{ reason: 'moved', row: { a: null, b: 'x' } }])
  expect(await database.rows('SELECT v FROM t ORDER BY v')).toEqual([['stays'], ['theirs']])
})
