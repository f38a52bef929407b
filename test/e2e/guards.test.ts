import { expect, test } from 'vitest'
import type { ConfigInput, Mode, RunResult } from '../../src/index.ts'
import { World } from './world.ts'

/** Brings a target of `held` rows in step with a source that lacks `gone` of them and has other values in `changed`. */
async function meet(
  mode: Mode,
  numbers: { held: number; gone?: number; changed?: number; added?: number },
  guard?: object | 'off',
): Promise<RunResult> {
  using world = new World()
  const { held, gone = 0, changed = 0, added = 0 } = numbers
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)')
  world.sqlite(
    'b.db',
    `INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${held}) SELECT i, 'old' FROM n`,
  )
  const rows = Array.from({ length: held - gone + added }, (_, index) => `${gone + index + 1},${index < changed ? 'new' : 'old'}`)
  world.write('in.csv', `id,v\n${rows.map((row) => `${row}\n`).join('')}`)
  const config = {
    syncs: { t: { from: './in.csv', to: './b.db#t', mode, key: 'id', ...(guard === undefined ? {} : { guard }) } },
  } as ConfigInput
  const plan = await world.plan(config)
  const result = await world.runOne(config)
  const [[left = 0n] = []] = world.rows('b.db', 'SELECT count(*) FROM t') as readonly (readonly bigint[])[]
  if (result.status === 'withheld') expect([plan.status, left, result.error?.hint !== undefined]).toEqual(['withheld', BigInt(held), true])
  else
    expect([result.error, plan.status === 'withheld', left]).toEqual([null, false, BigInt(held + added - (mode === 'upsert' ? 0 : gone))])
  return result
}

test.each([
  ['more than 10% and more than 100 rows', { held: 1000, gone: 101 }, 'withheld'],
  ['10% and no more', { held: 1010, gone: 101 }, 'succeeded'],
  ['more than 10%, not more than 100 rows', { held: 900, gone: 100 }, 'succeeded'],
  ['more than half of ten', { held: 10, gone: 6 }, 'withheld'],
  ['half of ten', { held: 10, gone: 5 }, 'succeeded'],
  ['more than half of nine', { held: 9, gone: 8 }, 'succeeded'],
  ['everything', { held: 1, gone: 1 }, 'withheld'],
])('by default, deletes of %s', async (_, numbers, status) => {
  expect((await meet('mirror', numbers)).status).toBe(status)
})

test.each([
  ['more than half and more than 1,000', { held: 2001, changed: 1001 }, 'withheld'],
  ['half', { held: 2002, changed: 1001 }, 'succeeded'],
  ['all, not more than 1,000', { held: 1000, changed: 1000 }, 'succeeded'],
])('by default, updates of %s', async (_, numbers, status) => {
  for (const mode of ['mirror', 'upsert'] as const) expect([mode, (await meet(mode, numbers)).status]).toEqual([mode, status])
})

test('a replace is guarded by how many rows fewer there would be', async () => {
  expect((await meet('replace', { held: 1000, gone: 101 })).status).toBe('withheld')
  expect((await meet('replace', { held: 1000, gone: 101, added: 101 })).status).toBe('succeeded')
})

test('one configured limit acts alone, and off is off, but an empty source stays withheld unless that is allowed', async () => {
  expect((await meet('mirror', { held: 1000, gone: 900 }, { updates: 1 })).status).toBe('succeeded')
  expect((await meet('mirror', { held: 1000, changed: 2 }, { updates: 1 })).status).toBe('withheld')
  expect((await meet('mirror', { held: 1000, added: 6 }, { inserts: 5 })).status).toBe('withheld')
  expect((await meet('mirror', { held: 1000, gone: 60 }, { deletes: ['5%', 100] })).status).toBe('succeeded')
  expect((await meet('mirror', { held: 5, gone: 5 }, { deletes: '100%' })).status).toBe('withheld')
  expect((await meet('mirror', { held: 5, gone: 5 }, { empty: 'allow' })).status).toBe('succeeded')
  expect((await meet('mirror', { held: 5, gone: 5 }, 'off')).status).toBe('succeeded')
})
