import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { rows, type Settings, schema, withSettings } from './many-tables.ts'
import { World } from './world.ts'

let world: World

beforeEach(() => {
  world = new World()
})

afterEach(() => {
  world[Symbol.dispose]()
})

async function failure(config: ConfigInput) {
  const results = await world.run(config)
  return results.map(({ sync, status, error }) => ({ sync, status, code: error?.code, message: error?.message, hint: error?.hint }))
}

describe('what a config says of many tables', () => {
  beforeEach(() => world.sqlite('shop.db', ...schema, ...rows))

  test.each<[string, Settings, string, RegExp]>([
    ['a pattern that matches nothing', { from: 'shop#xyz_*' }, 'NO_TABLES', /no table matches shop#xyz_\*; nothing was done/],
    ['everything left out', { exclude: ['*'] }, 'NO_TABLES', /every table of shop#\* is left out/],
    ['settings of a table that is not there', { tables: { ordr: { mode: 'upsert' } } }, 'TABLE_NOT_FOUND', /names `ordr`/],
    ['a schema where there is none', { to: 'lake#{schema}_{table}' }, 'NO_SCHEMA', /listed without one/],
    ['files that are one dataset', { from: { connection: 'desk', object: '*.csv' } }, 'NOT_MANY_TABLES', /are one dataset/],
  ])('%s is an error, never an empty success', async (_, settings, code, message) => {
    world.write('a.csv', 'id\n1\n')
    const results = await failure(withSettings(settings, { desk: '.' }))
    expect(results).toEqual([expect.objectContaining({ sync: 'shop', status: 'failed', code, message: expect.stringMatching(message) })])
  })

  test('the nearest name is offered', async () => {
    const [found] = await failure(withSettings({ tables: { ordr: { mode: 'upsert' } } }))
    expect(found?.hint).toBe('did you mean `order`?')
  })

  test.each<[Settings, RegExp]>([
    [{ from: 'shop#order' }, /names one object; `\{table\}` in the target stands for each table/],
    [{ to: 'lake#{schema}' }, /lacks `\{table\}`/],
    [{ to: 'lake#one' }, /shop\.exclude is about many tables, and this sync is about one/],
    [{ tables: { order: { cursor: 'id' } } }, /a mirror reads its whole source; `cursor`/],
    [{ parallel: 0 }, /a whole number of 1 or more/],
  ])('%j is refused before anything is opened', async (settings, message) => {
    await expect(openSyncline({ config: withSettings(settings), cwd: world.folder })).rejects.toThrow(message)
  })

  test('single tables have settings of their own', async () => {
    const config = withSettings({ tables: { order: { mode: 'upsert', cursor: 'id' }, line: { select: ['ordered', 'product'] } } })
    const results = await world.run(config)
    expect(results.find(({ sync }) => sync === 'shop/order')).toMatchObject({ mode: 'upsert', watermark: '12' })
    expect(world.rows('lake.db', 'select count(*), count(distinct ordered) from line')).toEqual([[4n, 3n]])
    expect(world.rows('lake.db', "select name from pragma_table_info('line')")).toEqual([['ordered'], ['product']])
    await using syncline = await openSyncline({ config, cwd: world.folder })
    expect(await syncline.watermarks.get('shop/order')).toBe('12')
    await expect(syncline.watermarks.get('shop')).rejects.toThrow(/stands for many tables/)
    await syncline.watermarks.reset('shop')
    expect(await syncline.watermarks.get('shop/order')).toBeNull()
  })

  test('single tables are selected, left out, previewed and looked up by family/table', async () => {
    await using syncline = await openSyncline({ config: withSettings({}), cwd: world.folder })
    const names = (results: readonly { readonly sync: string }[]) => results.map(({ sync }) => sync)
    expect(names(await syncline.run({ syncs: ['shop/order', 'shop/customer'] }).results)).toEqual(['shop/customer', 'shop/order'])
    expect(names(await syncline.run({ exclude: ['shop/order', 'shop/line'] }).results)).not.toContain('shop/order')
    const [unknown] = await syncline.run({ select: ['shop/ordr'] }).results
    expect(unknown).toMatchObject({ sync: 'shop', error: { code: 'TABLE_NOT_FOUND', hint: 'did you mean `order`?' } })
    expect((await syncline.preview('shop/order', 1)).rows).toEqual([['10', '1', '100']])
    await expect(syncline.preview('shop', 1)).rejects.toThrow(/stands for many tables/)
    expect(names(await syncline.runs({ sync: 'shop/order' }))).toEqual(['shop/order'])
    expect(names(await syncline.runs({ sync: 'shop' })).filter((name) => name === 'shop')).toEqual(['shop'])
    expect(await syncline.runs({ sync: 'shop' })).toHaveLength(9)
    expect((await syncline.check()).syncs).toEqual([
      { sync: 'shop', ok: true, summary: 'shop#* → lake#{table}, 8 tables, 1 of which will be created' },
    ])
  })
})
