import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../services/postgres.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'excel-to-postgres')

test('the example Excel → PostgreSQL brings three sheets into three tables, once', { timeout: 60_000 }, async () => {
  await using database = await freshDatabase()
  using world = new World()
  cpSync(example, world.folder, { recursive: true })
  const run = await command(world.folder, ['run', '--quiet'], { SHOP_URL: database.url })
  expect(run).toMatchObject({ code: 0, stderr: '' })
  expect(await database.rows('SELECT sku, product, net, vat, gross, "valid from", listed FROM prices ORDER BY sku')).toEqual([
    ['A-1001', 'Desk lamp', '39.90', '0.19', '47.48', '2026-01-01', 't'],
    ['A-1002', 'Office chair, "Ergo"', '249.00', '0.19', '296.31', '2026-01-01', 't'],
    ['B-2001', 'Notebook A5', '2.45', '0.07', '2.62', '2026-02-15', 't'],
    ['B-2002', 'Pencil, 12 pieces', '3.10', '0.07', '3.32', '2026-02-15', 'f'],
    ['C-3001', 'Monitor arm', '119.95', '0.19', '142.74', '2026-03-01', 't'],
  ])
  expect(await database.rows('SELECT * FROM sales ORDER BY sku')).toEqual([
    ['A-1001', '12', '15', '11', '18'],
    ['B-2001', '310', '280', '295', '330'],
  ])
  expect(await database.rows('SELECT * FROM former_prices ORDER BY sku')).toEqual([
    ['A-1001', '37.50'],
    ['B-2001', '2.25'],
  ])
  const again = await command(world.folder, ['plan', 'prices', 'sales'], { SHOP_URL: database.url })
  expect(again.code).toBe(0)
})
