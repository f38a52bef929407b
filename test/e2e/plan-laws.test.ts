import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

/** What holds of saved plans for tables of every content. */

const awkward = fc.constantFrom(
  '',
  ' ',
  'NULL',
  '\\N',
  '\\.',
  '"',
  "'",
  ',',
  '\n',
  '\r\n',
  '\ufeff',
  '🦆',
  'e\u0301',
  'é',
  '[redacted]',
  '0',
  '-0',
  '1e3',
)
const text = fc.oneof(
  awkward,
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((one) => !one.includes('\0')),
)
const cell = fc.option(text, { nil: null })
type Row = readonly [string, string | null, string | null]
const table = fc.uniqueArray(fc.tuple(text, cell, cell), { selector: ([key]) => key, maxLength: 12 })
/** Two tables of which the second shares some rows with the first. */
const pair = fc.tuple(table, table, fc.array(fc.nat(11), { maxLength: 6 })).map(([a, b, shared]) => ({
  a,
  b: [...new Map([...b, ...shared.flatMap((at) => (a[at] ? [a[at]] : []))].map((row) => [row[0], row])).values()],
}))

const redactions = ['none', 'v', 'k'] as const

function config(redact: (typeof redactions)[number]): ConfigInput {
  const sync = { from: 'a#t', to: 'b#t', mode: 'mirror' as const, guard: 'off' as const }
  return { connections: { a: './a.db', b: './b.db' }, syncs: { t: redact === 'none' ? sync : { ...sync, redact } } }
}

function fill(world: World, file: string, rows: readonly Row[]): void {
  world.sqlite(file, 'CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT, w TEXT)')
  const database = new DatabaseSync(world.path(file))
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)')
  for (const row of rows) insert.run(...row)
  database.close()
}

const held = (world: World, file: string) => world.rows(file, 'SELECT * FROM t ORDER BY k')

async function applied(world: World, using: ConfigInput): Promise<RunResult | undefined> {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  return (await syncline.apply('x.plan').results)[0]
}

async function saved(world: World, using: ConfigInput) {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  const [plan] = await syncline.plan({ save: 'x.plan', samples: 100 }).results
  if (!plan) throw new Error('there is no plan')
  return plan
}

test('apply(plan(a, b)) makes b what a is, and then there is nothing to plan', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(pair, fc.constantFrom(...redactions), async ({ a, b }, redact) => {
      using world = new World()
      fill(world, 'a.db', a)
      fill(world, 'b.db', b)
      const plan = await saved(world, config(redact))
      const result = await applied(world, config(redact))
      expect(result).toMatchObject({ status: 'succeeded', error: null })
      const { inserted, updated, deleted } = plan.counts
      expect(result?.counts).toMatchObject({ inserted, updated, deleted })
      expect(held(world, 'b.db')).toEqual(held(world, 'a.db'))
      expect(await saved(world, config(redact))).toMatchObject({
        status: 'succeeded',
        samples: [],
        counts: { inserted: 0, updated: 0, deleted: 0 },
      })
    }),
    { numRuns: 25 },
  )
})

test('a plan is refused once any row that it is about was changed on either side, and changes nothing', { timeout: 180_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      pair,
      fc.constantFrom(...redactions),
      fc.nat(),
      fc.boolean(),
      cell,
      async ({ a, b }, redact, which, ofSource, other) => {
        using world = new World()
        fill(world, 'a.db', a)
        fill(world, 'b.db', b)
        await saved(world, config(redact))
        const differing = [...a, ...b].filter(([key]) => {
          const [left, right] = [a, b].map((rows) => rows.find((row) => row[0] === key))
          return JSON.stringify(left) !== JSON.stringify(right)
        })
        const touched = differing[which % Math.max(1, differing.length)]
        fc.pre(touched !== undefined)
        fc.pre(change(world, ofSource ? 'a.db' : 'b.db', touched?.[0] ?? '', other))
        const before = held(world, 'b.db')
        expect(await applied(world, config(redact))).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' } })
        expect(held(world, 'b.db')).toEqual(before)
      },
    ),
    { numRuns: 25 },
  )
})

/** Gives a row another value, or, where there is none, puts one there. @returns whether that made it another one. */
function change(world: World, file: string, key: string, value: string | null): boolean {
  const database = new DatabaseSync(world.path(file))
  const former = database.prepare('SELECT v FROM t WHERE k = ?').get(key)
  if (former) database.prepare('UPDATE t SET v = ? WHERE k = ?').run(value, key)
  else database.prepare('INSERT INTO t VALUES (?, ?, NULL)').run(key, value)
  database.close()
  return !former || former.v !== value
}
