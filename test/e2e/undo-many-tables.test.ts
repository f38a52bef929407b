import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { changes, rows, schema, shop, tables } from './many-tables.ts'
import { World } from './world.ts'

function filled(): World {
  const world = new World()
  world.sqlite('shop.db', ...schema, ...rows)
  world.sqlite('lake.db', ...schema)
  return world
}

const content = (world: World) => tables.map((name) => [name, world.rows('lake.db', `select * from "${name}" order by 1, 2`)])

async function undo(world: World, run: string | undefined) {
  await using syncline = await openSyncline({ config: shop, cwd: world.folder })
  return await syncline.undo(run ?? '').results
}

test('what one commit did to many tables is taken back together, whichever of its runs is named', async () => {
  using world = filled()
  await world.run(shop)
  const before = content(world)
  world.sqlite('shop.db', ...changes)
  const results = await world.run(shop)
  const after = content(world)
  const back = await undo(world, results.at(2)?.id)
  expect(back.map(({ sync, status, error }) => [sync, status, error])).toEqual(tables.map((name) => [`shop/${name}`, 'succeeded', null]))
  expect(content(world)).toEqual(before)
  expect(world.rows('lake.db', 'pragma foreign_key_check')).toEqual([])
  await undo(world, back.at(5)?.id)
  expect(content(world)).toEqual(after)
})

test('back to nothing: the first run into empty tables', async () => {
  using world = filled()
  const before = content(world)
  const [first] = await world.run(shop)
  await undo(world, first?.id)
  expect(content(world)).toEqual(before)
})

test('a row that others hung on one that would go keeps all tables as they are', async () => {
  using world = filled()
  await world.run(shop)
  world.sqlite('shop.db', ...changes)
  const [first] = await world.run(shop)
  const after = content(world)
  world.sqlite('lake.db', `insert into customer values (99, 'Other', 'FR')`)
  const results = await undo(world, first?.id)
  expect(results.map(({ status, error }) => [status, error?.code])).toEqual(tables.map(() => ['failed', 'CONSTRAINT']))
  world.sqlite('lake.db', 'delete from customer where id = 99')
  expect(content(world)).toEqual(after)
})

test('a table whose images are gone keeps all of them as they are', async () => {
  using world = filled()
  await world.run(shop)
  world.sqlite('shop.db', ...changes)
  const [first] = await world.run(shop)
  const after = content(world)
  world.sqlite('shop.db', `update country set name = 'France!' where code = 'FR'`)
  await world.run({ ...shop, syncs: { shop: { ...shop.syncs?.shop, from: 'shop#*', to: 'lake#{table}', journal: 'off' } } })
  world.sqlite('lake.db', `update country set name = 'France' where code = 'FR'`)
  expect(await undo(world, first?.id)).toMatchObject([{ status: 'failed', error: { code: 'CANNOT_UNDO' } }])
  expect(content(world)).toEqual(after)
})
