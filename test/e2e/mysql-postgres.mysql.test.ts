import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

/** Values that text forms, loads and drivers are known to bend. */
const source = [
  `CREATE TABLE t (id bigint PRIMARY KEY, flag boolean, small smallint, amount numeric(30,12), ratio double precision, single real,
     note text, short varchar(12), raw bytea, day date, clock time, at timestamp, instant timestamptz, doc json, tag uuid)`,
  `INSERT INTO t VALUES
     (1, true, -32768, 123456789012345678.123456789012, 0.1, 0.1, E'a\\nb,"c"\\\\N\\t', '', '\\x00ff5c22', '0001-01-01', '23:59:59.999999',
        '9999-12-31 23:59:59.999999', '2024-03-31 01:30:00.000001+00', '{"b":1,"a":[1, 2]}', '123e4567-e89b-42d3-a456-426614174000'),
     (9223372036854775807, false, 32767, -0.000000000001, 1.7976931348623157e308, 3.4028235e38, '', 'NULL', '', '2024-02-29', '00:00:00',
        '1969-12-31 23:59:59', '1970-01-01 00:00:01+00', '"x"', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
     (-9223372036854775808, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
     (4, true, 0, 0, 5e-324, -1.5, '👩‍👩‍👧 ä a\u0308 𝄞', '\\.', '\\xe4', '1582-10-10', '12:00:00.5', '2024-01-01', '2038-01-01 00:00:00+00', '[]', NULL)`,
]

const config = (mysql: string, postgres: string, more: object = {}): ConfigInput => ({
  connections: { pg: postgres, my: mysql },
  syncs: {
    there: { from: 'pg#t', to: 'my#t', mode: 'replace', ...more },
    back: { from: 'my#t', to: 'pg#back', mode: 'replace', ...more, after: ['there'] },
  },
})

needsMysql('PostgreSQL → MySQL → PostgreSQL', () => {
  test.each(['replace', 'mirror', 'upsert'] as const)('%s keeps every value, and the second run finds nothing', async (mode) => {
    await using postgres = await freshDatabase()
    await using mysql = await freshMysqlDatabase()
    using world = new World()
    await postgres.run(...source)
    const both = config(mysql.url, postgres.url, { mode })
    for (const result of await world.run(both))
      expect(result, JSON.stringify(result.error)).toMatchObject({ status: 'succeeded', counts: { inserted: 4 } })
    const columns = 'id, flag, small, amount, ratio, single, note, short, raw, day, clock::text, at, instant, doc::jsonb::text, tag'
    expect(await postgres.rows(`SELECT ${columns} FROM back ORDER BY id`)).toEqual(
      await postgres.rows(`SELECT ${columns} FROM t ORDER BY id`),
    )
    const plans = mode === 'replace' ? [] : await world.run(both)
    for (const result of plans) expect(result.counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, rejected: 0 })
  })

  test('keeps every value where nothing may be loaded from files, by statements of many rows', async () => {
    await using postgres = await freshDatabase()
    await using mysql = await freshMysqlDatabase()
    using world = new World()
    await postgres.run(
      ...source,
      'CREATE TABLE long (id bigint PRIMARY KEY, v text)',
      'INSERT INTO long SELECT i, repeat(chr(228), i % 3000) FROM generate_series(1, 2000) i',
    )
    const slow = `${mysql.url}?local_infile=false`
    const results = await world.run({
      connections: { pg: postgres.url, my: slow },
      syncs: {
        t: { from: 'pg#t', to: 'my#t', mode: 'mirror' },
        long: { from: 'pg#long', to: 'my#long', mode: 'replace' },
        back: { from: 'my#t', to: 'pg#back', mode: 'mirror', after: ['t'] },
      },
    })
    for (const result of results) expect(result, JSON.stringify(result.error)).toMatchObject({ status: 'succeeded' })
    expect(await postgres.rows('SELECT id, note, short, raw, single FROM back ORDER BY id')).toEqual(
      await postgres.rows('SELECT id, note, short, raw, single FROM t ORDER BY id'),
    )
    expect(await mysql.rows('SELECT count(*), sum(char_length(v)) FROM `long`')).toEqual(
      await postgres.rows('SELECT count(*), sum(length(v)) FROM long'),
    )
  })

  test('travels directly where all types have their equal on the other side', async () => {
    await using postgres = await freshDatabase()
    await using mysql = await freshMysqlDatabase()
    using world = new World()
    await postgres.run(
      'CREATE TABLE t (id integer PRIMARY KEY, v varchar(20), n numeric(12,2), at timestamp, instant timestamptz)',
      "INSERT INTO t SELECT i, nullif('v' || i, 'v7'), i / 4.0, '2024-01-01', '2024-01-01 00:00:00.5+00' FROM generate_series(1, 5000) i",
    )
    for (const result of await world.run(config(mysql.url, postgres.url))) {
      expect(result, JSON.stringify(result.error)).toMatchObject({ status: 'succeeded', counts: { inserted: 5000 } })
      expect(result.details.path).toMatch(/^direct: csv/)
    }
    expect(await postgres.rows('SELECT * FROM t EXCEPT SELECT * FROM back')).toEqual([])
  })
})
