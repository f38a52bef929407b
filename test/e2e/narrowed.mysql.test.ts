import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

describe.skipIf(noMysql !== undefined)(`PostgreSQL and MySQL hash rows alike${noMysql === undefined ? '' : ` (${noMysql})`}`, () => {
  let postgres: FreshDatabase
  let mysql: FreshDatabase
  const world = new World()
  beforeAll(async () => {
    postgres = await freshDatabase()
    mysql = await freshMysqlDatabase()
    await postgres.run(
      'create table items (id bigint primary key, name text, amount numeric(12,2), at timestamp, seen timestamptz, day date, flag boolean, raw bytea)',
      `insert into items select i, case when i % 3 = 0 then null when i % 5 = 0 then '' else 'é ' || i end, i / 7.0,
        timestamp '2024-01-01' + i * interval '1.000001 second', timestamptz '2024-01-01' + i * interval '1.5 second',
        date '2024-01-01' + (i % 900)::int, i % 2 = 0, decode(md5(i::text), 'hex') from generate_series(1, 8000) i`,
    )
  })
  afterAll(async () => {
    world[Symbol.dispose]()
    await postgres[Symbol.asyncDispose]()
    await mysql[Symbol.asyncDispose]()
  })

  const config = (from: string, to: string) => ({
    connections: { shop: postgres.url, copy: mysql.url },
    syncs: { s: { from, to, mode: 'mirror' as const } },
  })

  test('a mirror reads only the buckets that differ, in either direction', async () => {
    const there = config('shop#items', 'copy#items')
    expect(await world.runOne(there)).toMatchObject({ status: 'succeeded', counts: { inserted: 8000 } })
    expect(await world.verify(there)).toMatchObject({ status: 'succeeded', details: { path: expect.stringMatching(/^ranges: 0 of/) } })
    await postgres.run(
      `update items set name = 'x' where id in (5, 4000)`,
      'delete from items where id = 77',
      `insert into items values (9000, '', 1)`,
    )
    const run = await world.runOne(there)
    expect(run).toMatchObject({ status: 'succeeded', counts: { read: 8000, inserted: 1, updated: 2, deleted: 1, unchanged: 7997 } })
    expect(run.details.path).toMatch(/^ranges: [34] of/)
    const back = await world.runOne(config('copy#items', 'shop#items'))
    expect(back).toMatchObject({ status: 'succeeded', counts: { unchanged: 8000, updated: 0 } })
    expect(back.details.path).toMatch(/^ranges: 0 of/)
  })
})
