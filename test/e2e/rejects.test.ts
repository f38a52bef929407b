import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { World } from './world.ts'

const config = (mode: 'mirror' | 'replace' | 'upsert' | 'append', more: object = {}): ConfigInput => ({
  connections: { b: './b.db' },
  syncs: { prices: { from: './prices.csv', to: 'b#prices', mode, key: 'sku', ...more } },
})

/** A target whose types the file has to meet. */
function withPrices(file: string): World {
  const world = new World()
  world.write('prices.csv', file)
  world.sqlite('b.db', 'CREATE TABLE prices (sku TEXT PRIMARY KEY, net DECIMAL_TEXT(6,2) NOT NULL, day DATE)')
  world.sqlite('b.db', "INSERT INTO prices VALUES ('a', '1.00', '2024-01-01'), ('b', '2.00', NULL), ('gone', '9.00', NULL)")
  return world
}

describe('rejects', () => {
  test('are kept with their reason and column, and their rows in the target stay', async () => {
    using world = withPrices('sku,net,day\na,1.555,2024-01-01\nb,3.00,2024-02-30\nc,,2024-01-01\nd,4.50,\n')
    const result = await world.runOne(config('mirror', { guard: 'off' }))
    expect(result).toMatchObject({ status: 'succeeded', counts: { read: 4, inserted: 1, updated: 0, deleted: 1, rejected: 3 } })
    expect(world.rows('b.db', 'SELECT sku, net FROM prices ORDER BY sku')).toEqual([
      ['a', '1.00'],
      ['b', '2.00'],
      ['d', '4.50'],
    ])
    await using syncline = await openSyncline({ config: config('mirror'), cwd: world.folder })
    const rejects = await syncline.rejects({ sync: 'prices' })
    expect(rejects.map(({ reason, column, row }) => [row.sku, reason, column]).sort()).toEqual([
      ['a', 'value', 'net'],
      ['b', 'value', 'day'],
      ['c', 'not null', 'net'],
    ])
  })

  test('every row that shares a duplicate key is one, and none of them is delivered', async () => {
    using world = withPrices('sku,net,day\na,5.00,\na,6.00,\nb,7.00,\n')
    const result = await world.runOne(config('upsert'))
    expect(result.counts).toEqual({ read: 3, inserted: 0, updated: 1, deleted: 0, unchanged: 0, rejected: 2 })
    expect(world.rows('b.db', "SELECT net FROM prices WHERE sku = 'a'")).toEqual([['1.00']])
  })

  test('a NULL key withholds every delete of that run', async () => {
    using world = withPrices('sku,net,day\na,1.00,2024-01-01\n,7.00,\n')
    const result = await world.runOne(config('mirror', { guard: 'off' }))
    expect(result.counts).toMatchObject({ deleted: 0, rejected: 1 })
    expect(result.details.notes.join()).toContain('2 deletes left out')
    expect(world.rows('b.db', 'SELECT count(*) FROM prices')).toEqual([[3n]])
  })

  test('stop a replace, unless it may go on without them', async () => {
    using world = withPrices('sku,net,day\na,1.555,\nb,3.00,\n')
    expect(await world.runOne(config('replace'))).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
    await using syncline = await openSyncline({ config: config('replace'), cwd: world.folder })
    expect(await syncline.rejects()).toMatchObject([{ column: 'net', reason: 'value' }])
    expect(world.rows('b.db', 'SELECT count(*) FROM prices')).toEqual([[3n]])
    const result = await world.runOne(config('replace', { on_reject: 'continue', guard: 'off' }))
    expect(result).toMatchObject({ status: 'succeeded', counts: { read: 2, inserted: 1, rejected: 1 } })
    expect(world.rows('b.db', 'SELECT sku, net FROM prices')).toEqual([['b', '3.00']])
  })

  test('are found by the plan, too', async () => {
    using world = withPrices('sku,net,day\na,1.555,\nb,2.00,\ngone,9.00,\n')
    expect(await world.plan(config('mirror'))).toMatchObject({ status: 'differs', counts: { updated: 0, unchanged: 2, rejected: 1 } })
  })

  test('values within the text but outside the type are told apart from spelling', async () => {
    using world = withPrices('sku,net,day\na,1.000,2024-01-01\nb,+2,\ngone,9,\n')
    expect((await world.runOne(config('mirror'))).counts).toEqual({
      read: 3,
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: 3,
      rejected: 0,
    })
  })
})

describe('guards', () => {
  test('withhold a mirror that would delete more than half, and leave the target alone', async () => {
    using world = new World()
    world.write('prices.csv', `sku,net\n${Array.from({ length: 30 }, (_, index) => `k${index},1`).join('\n')}\n`)
    await world.runOne(config('mirror'))
    world.write('prices.csv', 'sku,net\nk1,1\n')
    const result = await world.runOne(config('mirror'))
    expect(result).toMatchObject({ status: 'withheld', error: { message: expect.stringContaining('29 rows of 30 would be deleted') } })
    expect(await world.plan(config('mirror'))).toMatchObject({ status: 'withheld', counts: { deleted: 29 } })
    expect(world.rows('b.db', 'SELECT count(*) FROM prices')).toEqual([[30n]])
    expect(await world.runOne(config('mirror', { guard: { deletes: '99%' } }))).toMatchObject({
      status: 'succeeded',
      counts: { deleted: 29 },
    })
  })

  test('withhold an empty source from a target that holds rows, in mirror and in replace', async () => {
    using world = withPrices('sku,net,day\n')
    for (const mode of ['mirror', 'replace'] as const) {
      expect(await world.runOne(config(mode))).toMatchObject({ status: 'withheld', error: { code: 'WITHHELD' } })
    }
    expect(world.rows('b.db', 'SELECT count(*) FROM prices')).toEqual([[3n]])
  })

  test('withhold a replace that would leave far fewer rows', async () => {
    using world = new World()
    world.sqlite('b.db', 'CREATE TABLE prices (sku TEXT PRIMARY KEY, net TEXT)')
    world.sqlite(
      'b.db',
      `INSERT INTO prices WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, '1' FROM n`,
    )
    world.write('prices.csv', `sku,net\n${Array.from({ length: 800 }, (_, index) => `${index},1`).join('\n')}\n`)
    expect(await world.runOne(config('replace'))).toMatchObject({ status: 'withheld' })
    expect(world.rows('b.db', 'SELECT count(*) FROM prices')).toEqual([[1000n]])
  })
})

describe('a limit on rejects', () => {
  const rows = (good: number, bad: number) =>
    [
      'sku,net,day',
      ...Array.from({ length: good }, (_, n) => `g${n},1.00,`),
      ...Array.from({ length: bad }, (_, n) => `b${n},1.555,`),
    ].join('\n')

  test.each([
    [{ continue: null, limit: 2 }, 2],
    [{ limit: '2%' }, 2],
    [{ continue: true, limit: ['1%', 2] as [string, number] }, 2],
  ])('%j: up to it the run goes on, past it nothing is written', async (on_reject, most) => {
    using world = withPrices(rows(100 - most, most))
    const upsert = config('upsert', { on_reject })
    expect(await world.runOne(upsert)).toMatchObject({ status: 'succeeded', counts: { inserted: 100 - most, rejected: most } })
    world.write('prices.csv', rows(50, most + 1))
    const result = await world.runOne(upsert)
    expect(result).toMatchObject({
      status: 'failed',
      error: { code: 'REJECTS', message: expect.stringContaining('`on_reject` goes on up to') },
    })
    expect(await world.rejects(upsert)).toHaveLength(most + 1)
  })

  test('counts what the target refuses with what could not be read, and rolls everything back', async () => {
    using world = new World()
    world.sqlite('b.db', 'CREATE TABLE prices (sku TEXT PRIMARY KEY, net INTEGER CHECK (net < 100))')
    const limited = config('upsert', { on_reject: { limit: 2 } })
    world.write('prices.csv', 'sku,net\na,1\nb,x\nc,200\n')
    expect(await world.runOne(limited)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, rejected: 2 } })
    world.write('prices.csv', 'sku,net\nd,1\nb,x\nc,200\ne,300\n')
    expect(await world.runOne(limited)).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
    expect(world.rows('b.db', 'SELECT sku FROM prices')).toEqual([['a']])
    expect((await world.rejects(limited)).map(({ row }) => row.sku).sort()).toEqual(['b', 'c', 'e'])
  })

  test('is checked with the config', async () => {
    using world = withPrices(rows(1, 0))
    await expect(world.runOne(config('upsert', { on_reject: { limit: 'many' } }))).rejects.toThrow('on_reject')
  })
})
