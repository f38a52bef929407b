import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { World } from './world.ts'

/** Enough that both sides are asked for hashes. */
const rows = 5_800

interface Case {
  /** Whether the key is a text with awkward characters, or a number. */
  readonly text: boolean
  /** One row in so many is changed: few rows are found by ranges, many by fingerprints. */
  readonly every: number
  readonly offset: number
  readonly awkward: string
}

const cases = fc.record({
  text: fc.boolean(),
  every: fc.constantFrom(16, 40, 90, 1_700),
  offset: fc.nat(6),
  awkward: fc.constantFrom("o'clock", '|', '3:abc', '', 'é\n"', '𝄞', ' pad ', '%_'),
})

test('what hashes find is what reading both sides finds', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      using world = new World()
      fill(world, one)
      const narrowed = await plan(world, 'checksum')
      const staged = await plan(world, 'full')
      expect(narrowed.details.path).toMatch(/^(ranges|fingerprints):/)
      expect(staged.details.path).toMatch(/^staged:/)
      expect(narrowed.counts).toEqual(staged.counts)
      expect(narrowed.samples).toEqual(staged.samples)
      expect(narrowed.counts.inserted + narrowed.counts.updated + narrowed.counts.deleted).toBeGreaterThan(0)
    }),
    { numRuns: 6 },
  )
}, 120_000)

async function plan(world: World, verify: 'checksum' | 'full') {
  const sync = { from: 'a#items', to: 'b#items', mode: 'mirror' as const, guard: 'off' as const, verify }
  const config = { connections: { a: './a.db', b: './b.db' }, syncs: { items: sync } }
  await using syncline = await openSyncline({ config, cwd: world.folder })
  const [result] = await syncline.plan({ samples: 20_000 }).results
  if (!result) throw new Error('no plan')
  return result
}

function fill(world: World, { text, every, offset, awkward }: Case): void {
  const quoted = awkward.replaceAll("'", "''")
  const key = text ? `'${quoted}' || i` : 'i'
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})`
  const create = `CREATE TABLE items (id ${text ? 'TEXT' : 'INTEGER'} NOT NULL PRIMARY KEY, a TEXT, b TEXT, n INTEGER)`
  const insert = `${numbers} INSERT INTO items SELECT ${key}, CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN '' ELSE '${quoted}' || i END, '${quoted}', i % 11 FROM n`
  world.sqlite('a.db', create, insert)
  world.sqlite('b.db', create, insert)
  const chosen = (step: number) => `rowid % ${every} = ${(offset + step) % every}`
  world.sqlite('b.db', `UPDATE items SET a = b, b = a WHERE ${chosen(0)}`, `DELETE FROM items WHERE ${chosen(1)} AND rowid % 2`)
  world.sqlite(
    'a.db',
    `DELETE FROM items WHERE ${chosen(2)} AND rowid % 2`,
    `UPDATE items SET n = NULL WHERE ${chosen(3)} AND rowid % 5 = 0`,
  )
}
