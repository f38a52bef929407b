import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const example = join(import.meta.dirname, '..', '..', 'examples', 'mysql-to-postgres')

test.skipIf(noMysql !== undefined)(
  `the example MySQL → PostgreSQL keeps both tables in step${reason()}`,
  { timeout: 120_000 },
  async () => {
    await using shop = await freshMysqlDatabase()
    await using warehouse = await freshDatabase()
    using world = new World()
    cpSync(example, world.folder, { recursive: true })
    const statements = readFileSync(join(example, 'shop.sql'), 'utf8')
    await shop.run(...statements.split(/;\n/).filter((statement) => statement.trim() !== ''))
    const environment = { SHOP_URL: shop.url, WAREHOUSE_URL: warehouse.url }
    expect(await command(world.folder, ['run', '--quiet'], environment)).toMatchObject({ code: 0, stderr: '' })
    expect(
      await warehouse.rows(
        "SELECT id::text, status, total, packed_at, details ->> 'note', changed_at AT TIME ZONE 'UTC' FROM orders ORDER BY id",
      ),
    ).toEqual([
      ['9007199254740993', 'paid', '1499.90', '2026-01-05 10:15:00', 'say "hi"', '2026-01-05 09:15:00.123456'],
      ['9007199254740994', 'new', '0.01', null, null, '2026-01-06 10:00:00'],
      ['9007199254740995', 'shipped', '120.00', '2026-02-02 12:00:00', null, '2026-02-02 12:00:00.000001'],
    ])
    expect(await warehouse.rows('SELECT name, newsletter, born FROM customers ORDER BY id')).toEqual([
      ['Ada Lovelace', 't', '1815-12-10'],
      ['Carl Friedrich Gauß', 'f', '1777-04-30'],
      ['株式会社みどり 🌿', 't', null],
    ])
    expect((await command(world.folder, ['plan'], environment)).code).toBe(0)
  },
)

function reason(): string {
  return noMysql === undefined ? '' : ` (${noMysql})`
}
