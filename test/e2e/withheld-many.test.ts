import { describe, expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { changes, rows, type Settings, schema, shop, tables, withSettings } from './many-tables.ts'
import { World } from './world.ts'

const content = (world: World, name: string) => tables.map((table) => [table, world.rows(name, `select * from "${table}" order by 1, 2`)])
const withheldBy = (guard: NonNullable<Settings['guard']>) => withSettings({ guard })
const proceeding = withheldBy({ deletes: 0, proceed: 'inserts' })

/** Both ends in step, and then changes of all kinds in the source. */
async function moved(): Promise<World> {
  const world = new World()
  world.sqlite('shop.db', ...schema, ...rows)
  world.sqlite('lake.db', ...schema)
  await world.run(shop)
  world.sqlite('shop.db', ...changes)
  return world
}

describe('inserts of many tables go on', () => {
  test('together, and what is withheld is one plan that brings all tables in step', async () => {
    using world = await moved()
    const before = content(world, 'lake.db')
    const results = await world.run(proceeding)
    expect(
      results.map(({ sync, status, error, counts }) => [sync, status, error?.code, counts.inserted, counts.updated + counts.deleted]),
    ).toEqual([
      ['shop/country', 'withheld', 'WITHHELD', 1, 0],
      ['shop/customer', 'withheld', 'WITHHELD', 1, 0],
      ['shop/line', 'withheld', 'WITHHELD', 1, 0],
      ['shop/member', 'withheld', 'WITHHELD_TOGETHER', 1, 0],
      ['shop/order', 'withheld', 'WITHHELD', 1, 0],
      ['shop/person', 'withheld', 'WITHHELD', 1, 0],
      ['shop/product', 'withheld', 'WITHHELD_TOGETHER', 0, 0],
      ['shop/team', 'succeeded', undefined, 1, 0],
    ])
    expect(results.map(({ details }) => details.proceeded ?? false)).toEqual([true, true, true, true, true, true, false, false])
    expect(world.rows('lake.db', 'select code from country order by code')).toEqual([['DE'], ['FR'], ['UK']])
    expect(world.rows('lake.db', 'pragma foreign_key_check')).toEqual([])

    await using syncline = await openSyncline({ config: proceeding, cwd: world.folder })
    const plan = new Set(results.flatMap(({ details }) => details.plan ?? []))
    expect(plan.size).toBe(1)
    const applied = await syncline.apply([...plan].join()).results
    expect(applied.map(({ status, counts }) => [status, counts.inserted])).toEqual(tables.map(() => ['succeeded', 0]))
    expect(content(world, 'lake.db')).toEqual(content(world, 'shop.db'))
    await syncline.undo(applied[0]?.id ?? '').results
    await syncline.undo(results[0]?.id ?? '').results
    expect(content(world, 'lake.db')).toEqual(before)
  })

  test.each([
    ['not where they pass a limit themselves', { deletes: 0, inserts: 0, proceed: 'inserts' as const }],
    ['not without being asked', { deletes: 0 }],
  ])('%s', async (_, guard) => {
    using world = await moved()
    const before = content(world, 'lake.db')
    const results = await world.run(withheldBy(guard))
    expect(results.map(({ status, details }) => [status, details.proceeded])).toEqual(tables.map(() => ['withheld', undefined]))
    expect(content(world, 'lake.db')).toEqual(before)
  })
})
