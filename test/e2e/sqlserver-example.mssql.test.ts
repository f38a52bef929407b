import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshSqlServerDatabase, noServer } from '../services/sqlserver.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'csv-to-sqlserver')

test.skipIf(noServer !== undefined)(`the example CSV → SQL Server loads both files, once${reason()}`, { timeout: 300_000 }, async () => {
  await using database = await freshSqlServerDatabase()
  using world = new World()
  cpSync(example, world.folder, { recursive: true })
  const run = await command(world.folder, ['run', '--quiet'], { ERP_URL: database.url })
  expect(run).toMatchObject({ code: 0, stderr: '' })
  const amounts =
    'SELECT CONVERT(varchar(20), payment_id), CONVERT(varchar(41), amount), CONVERT(varchar(26), booked_at, 121) FROM payments ORDER BY payment_id'
  expect(await database.rows(amounts)).toMatchObject([
    ['90000000000000001', '1499.90', '2026-01-05 09:15:00.123456'],
    ['90000000000000002', '0.01', '2026-01-05 23:59:59.999999'],
    ['90000000000000003', '-250.00', expect.stringMatching(/^2026-01-06 08:00:00/)],
    ['90000000000000004', '123456789.12', expect.stringMatching(/^2026-01-07 00:00:00/)],
  ])
  expect(await database.rows('SELECT name FROM customers ORDER BY id')).toEqual([
    ['Lovelace, Ada'],
    ['Gauß Werkzeuge GmbH'],
    ['株式会社みどり'],
    ['O\'Brien & Sons "Hardware"'],
  ])
  const again = await command(world.folder, ['plan'], { ERP_URL: database.url })
  expect(again.code).toBe(0)
})

function reason(): string {
  return noServer === undefined ? '' : ` (${noServer})`
}
