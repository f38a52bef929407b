import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

/** 12,000 rows: enough that both sides are asked for hashes. */
const columns =
  'id bigint primary key, name text, note text, amount numeric(12,2), at timestamptz, day date, flag boolean, raw bytea, ref uuid'
const fill = `insert into source select i, 'name ' || i, case when i % 3 = 0 then null when i % 5 = 0 then '' else repeat('é', (i % 7)::int) end,
  i / 7.0, timestamptz '2024-01-01' + i * interval '1.000001 second', date '2024-01-01' + (i % 900)::int, i % 2 = 0,
  decode(md5(i::text), 'hex'), md5(i::text)::uuid from generate_series(1, 12000) i`
const changes = [
  `update target set name = 'changed' where id in (17, 4711)`,
  `update target set note = '' where id = 3`,
  'delete from target where id = 5000',
  'insert into target select 20001, name, note, amount, at, day, flag, raw, ref from target where id = 1',
]

describe('a mirror of tables that hash alike reads only what differs', () => {
  let database: FreshDatabase
  beforeAll(async () => {
    database = await freshDatabase()
  })
  afterAll(async () => {
    await database[Symbol.asyncDispose]()
  })

  const table = async (name: string) => await database.run(`drop table if exists ${name}`, `create table ${name} (${columns})`)
  const ends = async () => {
    await table('source')
    await table('target')
    await database.run(fill, 'insert into target select * from source')
  }
  const config = (extra = {}) => ({
    connections: { shop: database.url },
    syncs: { s: { from: 'shop#source', to: 'shop#target', mode: 'mirror', ...extra } },
  })
  const same = async () => {
    expect(await database.rows('select * from source except select * from target')).toEqual([])
    expect(await database.rows('select * from target except select * from source')).toEqual([])
  }

  test('a few changes: by ranges', async () => {
    await ends()
    await database.run(...changes)
    using world = new World()
    const run = await world.runOne(config() as never)
    expect(run).toMatchObject({
      status: 'succeeded',
      counts: { read: 12000, inserted: 1, updated: 3, deleted: 1, unchanged: 11996, rejected: 0 },
    })
    expect(run.details.path).toMatch(/^ranges: \d of 94 buckets/)
    expect(run.bytesRead).toBeLessThan(300_000)
    await same()
    expect(await world.runOne(config() as never)).toMatchObject({
      counts: { unchanged: 12000, updated: 0 },
      details: { path: expect.stringMatching(/^ranges: 0 of/) },
    })
  })

  test('changes all over: by fingerprints', async () => {
    await ends()
    await database.run('update target set amount = amount + 1 where id % 60 = 1', 'delete from target where id % 1000 = 0')
    using world = new World()
    const run = await world.runOne(config() as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 12000, inserted: 12, updated: 200, deleted: 0, unchanged: 11788 } })
    expect(run.details.path).toMatch(/^fingerprints: 212 rows/)
    await same()
  })

  test('a few changes all over many rows, some of them far off: by ranges of few rows', async () => {
    await table('source')
    await table('target')
    await database.run(
      fill.replace('12000', '150000'),
      'insert into target select * from source',
      'update target set amount = amount + 1 where id % 100 = 1',
      'delete from target where id % 1000 = 0',
      'insert into target select 90000000 + id * 7, name, note, amount, at, day, flag, raw, ref from target where id % 1000 = 2',
    )
    using world = new World()
    const run = await world.runOne(config() as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 150_000, inserted: 150, updated: 1500, deleted: 150 } })
    expect(run.details.path).toMatch(/^ranges: [\d,]+ of [\d,]+ buckets .*, in them 1,800 rows/)
    expect(run.bytesRead).toBeLessThan(4_000_000)
    await same()
  })

  test('most rows differ: both sides are read', async () => {
    await ends()
    await database.run('update target set amount = amount + 1 where id % 2 = 1')
    using world = new World()
    const run = await world.runOne(config() as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 12000, updated: 6000 } })
    expect(run.details.path).toMatch(/^staged: .*most rows differ/)
    await same()
  })

  test.each(['sqlite', 'duckdb'])('between PostgreSQL and %s', async (type) => {
    await ends()
    using world = new World()
    const there = {
      connections: { shop: database.url, copy: { type, path: world.path('copy.db') } },
      syncs: { s: { from: 'shop#source', to: 'copy#target', mode: 'mirror' } },
    }
    expect(await world.runOne(there as never)).toMatchObject({ status: 'succeeded', counts: { inserted: 12000 } })
    await database.run(...changes.map((change) => change.replaceAll('target', 'source')))
    const run = await world.runOne(there as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 12000, inserted: 1, updated: 3, deleted: 1 } })
    expect(run.details.path).toMatch(/^ranges: \d of/)
    expect(await world.verify(there as never)).toMatchObject({ status: 'succeeded', counts: { unchanged: 12000 } })
  })

  test('keys of text, and of several columns', async () => {
    await database.run(
      'create table words (code text, part int, value text, primary key (code, part))',
      `insert into words select 'Key ' || (i % 3000), i / 3000, 'v' || i from generate_series(0, 11999) i`,
      'create table words_copy (like words including all)',
      'insert into words_copy select * from words',
      `update words_copy set value = 'x' where code = 'Key 7' and part = 2`,
    )
    using world = new World()
    const run = await world.runOne({
      connections: { shop: database.url },
      syncs: { s: { from: 'shop#words', to: 'shop#words_copy', mode: 'mirror' } },
    } as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 12000, updated: 1, unchanged: 11999 } })
    expect(run.details.path).toMatch(/^ranges: 1 of 94/)
  })

  test('keys up to the greatest, and columns of any name in a scope', async () => {
    await database.run(
      'create table quotes (id bigint primary key, low int, k0 int)',
      'insert into quotes select 9223372036854775807 - i, i % 50, i from generate_series(0, 11999) i',
      'create table quotes_copy (like quotes including all)',
      'insert into quotes_copy select * from quotes',
      'update quotes_copy set k0 = -k0 where id > 9223372036854775807 - 100 or id % 1000 = 7',
    )
    using world = new World()
    const run = await world.runOne({
      connections: { shop: database.url },
      syncs: { s: { from: 'shop#quotes', to: 'shop#quotes_copy', mode: 'mirror', scope: 'low >= 0 and abs(k0) >= 0' } },
    } as never)
    expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { read: 12000, inserted: 0, deleted: 0 } })
    expect(run.details.path).toMatch(/^ranges: /)
    expect(await database.rows('select * from quotes except select * from quotes_copy')).toEqual([])
  })

  test('a scope bounds both sides', async () => {
    await ends()
    await database.run('delete from target where id > 9000', `update target set name = 'x' where id = 1`)
    using world = new World()
    const run = await world.runOne(config({ scope: 'id <= 9000' }) as never)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 9000, updated: 1, inserted: 0, deleted: 0 } })
    expect(run.details.path).toMatch(/^ranges: 1 of/)
  })
})
