import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
})

/** What changes in a row, by what hash functions of types are known to take as equal, or a sum of hashes might. */
const changes = {
  sign: 'amount = -amount',
  'the upper half of a number': 'big = big + 4294967297',
  'the upper half of a time': "at = at + interval '4294.967297 seconds'",
  'NULL and empty': "note = CASE WHEN note IS NULL THEN '' END",
  'cells of one row': 'a = b, b = a',
  scale: 'loose = loose * 1.0',
  bytes: "raw = raw || '\\x00'",
  document: `doc = '{"a": 2}'`,
}

const cases = fc.record({
  change: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
  offset: fc.nat(6),
  awkward: fc.constantFrom("o'clock", '|', '(1,"a")', '', 'é\n"', '𝄞', ' pad ', '\\N'),
})

/** Few rows are enough that both sides are asked for hashes; of many, a sample tells how large buckets had better be. */
test.each([
  { every: 1_900, rows: 6_000, numRuns: 4, path: 'ranges' },
  { every: 25, rows: 6_000, numRuns: 4, path: 'fingerprints' },
  { every: 130, rows: 140_000, numRuns: 2, path: 'ranges' },
])('what $path find in $rows rows of PostgreSQL is what reading both sides finds', { timeout: 240_000 }, async (one) => {
  const { every, rows, numRuns, path } = one
  await fc.assert(
    fc.asyncProperty(cases, async ({ change, offset, awkward }) => {
      const chosen = (step: number) => `id % ${every} = ${(offset + step) % every}`
      await fill(awkward, rows)
      await database.run(
        `UPDATE copy SET ${changes[change]} WHERE ${chosen(0)}`,
        `DELETE FROM copy WHERE ${chosen(1)} AND id % 2 = 0`,
        `DELETE FROM items WHERE ${chosen(2)} AND id % 2 = 1`,
        // Neighbours, which are of one bucket, change places.
        `UPDATE copy SET name = o.name FROM items AS o WHERE o.id = copy.id + 1 - 2 * ((copy.id - 3) % ${every}) AND (copy.id - 3) % ${every} IN (0, 1) AND o.id > 0`,
      )
      const narrowed = await plan('checksum')
      const staged = await plan('full')
      expect(narrowed.details.path).toMatch(new RegExp(`^${path}:`))
      expect(staged.details.path).toMatch(/^staged:/)
      expect(narrowed.counts).toEqual(staged.counts)
      expect(narrowed.samples).toEqual(staged.samples)
      expect(narrowed.counts.updated).toBeGreaterThan(0)
    }),
    { numRuns, examples: [[{ change: 'sign', offset: 0, awkward: '|' }]] },
  )
})

async function fill(awkward: string, rows: number): Promise<void> {
  const text = awkward.replaceAll("'", "''")
  const columns =
    'id bigint PRIMARY KEY, name text, note varchar(40), a text, b text, big bigint NOT NULL, small smallint, amount numeric(12,2), loose numeric, at timestamptz, day date, clock time, raw bytea, ref uuid, doc json, flag boolean, rate float8'
  await database.run(
    'DROP TABLE IF EXISTS items, copy',
    `CREATE TABLE items (${columns})`,
    `CREATE TABLE copy (${columns})`,
    `INSERT INTO items SELECT i, '${text}' || i, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '${text}' END, i::text, '${text}', i, CASE WHEN i % 5 > 0 THEN i % 7 END,
       (i + 1) / 7.0, i / 3.0, timestamptz '2024-01-01' + i * interval '1.000001 second', date '2024-01-01' + (i % 900)::int,
       time '00:00' + i * interval '1 second', decode(md5(i::text), 'hex'), md5(i::text)::uuid, '{"a": 1}', i % 2 = 0, i / 9.0 FROM generate_series(1, ${rows}) i`,
    'INSERT INTO copy SELECT * FROM items',
  )
}

async function plan(verify: 'checksum' | 'full') {
  using world = new World()
  const sync = { from: 'shop#items', to: 'shop#copy', mode: 'mirror' as const, guard: 'off' as const, verify }
  const config = { connections: { shop: database.url }, syncs: { items: sync } }
  await using syncline = await openSyncline({ config, cwd: world.folder })
  const [result] = await syncline.plan({ samples: 20_000 }).results
  if (!result) throw new Error('no plan')
  return result
}
