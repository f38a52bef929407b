import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SourceInput } from '../../src/config/schema.ts'
import type { ConfigInput } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

/** Values at the edges of what systems spell in different ways. */
const rows = [
  `(1, '', 0, 0.10, 'NaN', '2024-01-01 00:00:00', '2024-01-01 00:00:00+00', '2024-01-01', '00:00:00', true, '\\x', '{"b": 1, "a": [1.0, null]}')`,
  `(2, E'a,"b"\\r\\n\\tc', 9223372036854775807, -99999999.99, 0.1, '2024-06-30 23:59:59.123456', '2024-06-30 23:59:59.999999+00', '0001-01-01', '23:59:59.999999', false, '\\x00ff', '[null]')`,
  `(3, '𝄞 ', 1, 1, '-0', '1969-12-31 23:59:59.9', '1900-01-01 00:00:00+00', '9999-12-31', '12:00', NULL, '\\x5c2e', '"text"')`,
  `(4, 'NULL', -9223372036854775808, 1.50, 1e300, NULL, NULL, NULL, NULL, NULL, NULL, '1.50')`,
  '(5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)',
  `(6, E'\\\\.', 5, 0.01, 5e-324, '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', '1582-10-10', '00:00:00.000001', true, '\\x41', '{}')`,
]

/** One of each kind, and how its places are called. */
const kinds: Readonly<Record<string, (name: string) => { connection: string; object: string }>> = {
  PostgreSQL: (name) => ({ connection: 'pg', object: name }),
  SQLite: (name) => ({ connection: './all.db', object: name }),
  DuckDB: (name) => ({ connection: './all.duckdb', object: name }),
  CSV: (name) => ({ connection: './', object: `${name}.csv.gz` }),
  NDJSON: (name) => ({ connection: './', object: `${name}.ndjson` }),
  Parquet: (name) => ({ connection: './', object: `${name}.parquet` }),
}

let database: FreshDatabase
let world: World

beforeAll(async () => {
  database = await freshDatabase()
  world = new World()
  await database.run(
    `CREATE TABLE t (id integer PRIMARY KEY, txt text, big bigint, dec numeric(12,2), dbl double precision, naive timestamp,
       instant timestamptz, day date, clock time, flag boolean, raw bytea, doc jsonb)`,
    `INSERT INTO t VALUES ${rows.join(', ')}`,
  )
  for (const [kind, place] of Object.entries(kinds))
    if (kind !== 'PostgreSQL') await world.runOne(sync(kind, { connection: 'pg', object: 't' }, place('t'), 'replace'))
})

afterAll(async () => {
  world[Symbol.dispose]()
  await database[Symbol.asyncDispose]()
})

function sync(
  name: string,
  from: SourceInput,
  to: { connection: string; object: string },
  mode: 'replace' | 'mirror' | 'upsert' | 'append',
): ConfigInput {
  return { connections: { pg: database.url }, syncs: { [name]: { from, to, mode, key: 'id' } } }
}

const nothing = { inserted: 0, updated: 0, deleted: 0, rejected: 0 }

describe.each(Object.keys(kinds))('from %s', (from) => {
  test.each(Object.keys(kinds))('to %s: a second mirror, upsert and cursor append find nothing to do', async (to) => {
    const name = `from_${from}_to_${to}`
    const [source, target] = [kinds[from]?.('t'), kinds[to]?.(name)]
    if (!source || !target) throw new Error('a kind has no place')
    const mirror = sync(name, source, target, 'mirror')
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { inserted: 6, rejected: 0 } })
    expect(await world.runOne(mirror)).toMatchObject({ error: null, counts: { ...nothing, unchanged: 6 } })
    expect(await world.runOne(sync(name, source, target, 'upsert'))).toMatchObject({ error: null, counts: { ...nothing, unchanged: 6 } })
    const append = sync(`${name}_append`, { ...source, cursor: 'id' }, target, 'append')
    expect(await world.runOne(append)).toMatchObject({ error: null, watermark: '6', counts: { ...nothing, unchanged: 6 } })
    expect(await world.runOne(append)).toMatchObject({ error: null, watermark: '6', counts: { read: 1, ...nothing, unchanged: 1 } })
  })
})
