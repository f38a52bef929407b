import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { type FreshSqlServerDatabase, freshSqlServerDatabase, noServer } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { World } from './world.ts'

const habits = await serverHabits()
const slow = { timeout: 300_000 }

describe.skipIf(noServer !== undefined)(
  `PostgreSQL and SQL Server hash rows alike${noServer === undefined ? '' : ` (${noServer})`}`,
  () => {
    let postgres: FreshDatabase
    let sqlserver: FreshSqlServerDatabase
    const world = new World()
    beforeAll(async () => {
      postgres = await freshDatabase()
      sqlserver = await freshSqlServerDatabase()
      await postgres.run(
        `create table items (id bigint primary key, name text, amount numeric(12,2), at timestamp, seen timestamptz, day date, flag boolean,
        ratio float8, code uuid${habits.writesHex ? ', raw bytea' : ''})`,
        `insert into items select i, case when i % 3 = 0 then null when i % 5 = 0 then '' else 'é ' || i end, i / 7.0,
        timestamp '2024-01-01' + i * interval '1.000001 second', timestamptz '2024-01-01' + i * interval '1.5 second',
        date '2024-01-01' + (i % 900)::int, i % 2 = 0, i / 8.0, md5(i::text)::uuid${habits.writesHex ? ", decode(md5(i::text), 'hex')" : ''} from generate_series(1, 6000) i`,
      )
    }, slow.timeout)
    afterAll(async () => {
      world[Symbol.dispose]()
      await postgres?.[Symbol.asyncDispose]()
      await sqlserver?.[Symbol.asyncDispose]()
    }, slow.timeout)

    const config = (from: string, to: string) => ({
      connections: { shop: postgres.url, copy: sqlserver.url },
      syncs: { s: { from, to, mode: 'mirror' as const } },
    })

    test('a mirror reads only the buckets that differ, in either direction', slow, async () => {
      const there = config('shop#items', 'copy#items')
      expect(await world.runOne(there)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 6000 } })
      expect(await world.verify(there)).toMatchObject({ status: 'succeeded', details: { path: expect.stringMatching(/^ranges: 0 of/) } })
      await postgres.run(
        `update items set name = 'x' where id in (5, 4000)`,
        'delete from items where id = 77',
        `insert into items values (7000, '', 1)`,
      )
      const run = await world.runOne(there)
      expect(run).toMatchObject({ status: 'succeeded', counts: { read: 6000, inserted: 1, updated: 2, deleted: 1, unchanged: 5997 } })
      expect(run.details.path).toMatch(/^ranges: [34] of/)
      const back = await world.runOne(config('copy#items', 'shop#items'))
      expect(back).toMatchObject({ status: 'succeeded', counts: { unchanged: 6000, updated: 0 } })
      expect(back.details.path).toMatch(/^ranges: 0 of/)
    })

    test('where changes are scattered, the hash of every row is read', slow, async () => {
      await postgres.run('update items set flag = not flag where id % 60 = 1')
      const run = await world.runOne(config('shop#items', 'copy#items'))
      expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { updated: 100, unchanged: 5900 } })
      expect(run.details.path).toMatch(/^fingerprints: 100 rows/)
    })
  },
)
