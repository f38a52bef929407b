import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { World } from './world.ts'

const columns =
  '(id int PRIMARY KEY, d decimal(20,4), at datetime(6), raw varbinary(20), twice int AS (id * 2) STORED, KEY by_at (at)) ENGINE = InnoDB'

async function prepared(...more: readonly string[]): Promise<FreshDatabase> {
  const database = await freshMysqlDatabase()
  await database.run(
    `CREATE TABLE a ${columns}`,
    `CREATE TABLE b ${columns}`,
    "INSERT INTO a (id, d, at, raw) VALUES (2, 1.5, '2024-01-01 00:00:00.123456', x'00'), (3, NULL, NULL, x'')",
    "INSERT INTO b (id, d, at, raw) VALUES (1, -0.0001, '1000-01-01', NULL), (2, 9999999999999999.9999, NULL, x'FF')",
    ...more,
  )
  return database
}

const config = (database: FreshDatabase, more: object = {}) => ({
  connections: { my: database.url },
  syncs: { t: { from: 'my#a', to: 'my#b', mode: 'replace' as const, guard: 'off' as const, ...more } },
})
const content = async (database: FreshDatabase) => await database.rows('SELECT id, d, at, hex(raw), twice FROM b ORDER BY id')
const kept = async (database: FreshDatabase) =>
  await database.rows("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = database() AND TABLE_NAME LIKE '%former%'")

test.skipIf(noMysql).each([
  ['is swapped in', []],
  ['keeps its place', ['CREATE VIEW seen AS SELECT id FROM b']],
])('a table of MySQL that %s is as it was once its replace is undone, and its former rows go with the journal', async (_, more) => {
  await using database = await prepared(...more)
  const before = await content(database)
  using world = new World()
  const run = await world.runOne(config(database))
  expect(run).toMatchObject({ status: 'succeeded', error: null, details: { key: ['id'], journal: { bytes: expect.any(Number) } } })
  const after = await content(database)
  expect(await kept(database)).toHaveLength(1)
  await using syncline = await openSyncline({ config: config(database), cwd: world.folder })
  const [back] = await syncline.undo(run.id).results
  expect(back).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, deleted: 1, rejected: 0 } })
  expect(await content(database)).toEqual(before)
  await syncline.undo(back?.id ?? '').results
  expect(await content(database)).toEqual(after)
  await world.runOne(config(database, { journal: 'off' }))
  expect(await kept(database)).toEqual([])
})

test.skipIf(noMysql)(
  'a user who may write to a table of MySQL and create none replaces it, and is told that its rows are not kept',
  async () => {
    await using database = await prepared('CREATE TRIGGER seen BEFORE DELETE ON b FOR EACH ROW SET @seen = 1')
    const user = database.name.replace('syncline_test_', 'writer_')
    await database.run(
      `CREATE USER '${user}'@'%' IDENTIFIED BY 'right-one'`,
      `GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER, CREATE TEMPORARY TABLES ON ${database.name}.* TO '${user}'@'%'`,
    )
    const { href: url } = Object.assign(new URL(database.url), { username: user, password: 'right-one' })
    using world = new World()
    const run = await world.runOne({ ...config(database), connections: { my: url } })
    await database.run(`DROP USER '${user}'@'%'`)
    expect(run).toMatchObject({
      status: 'succeeded',
      error: null,
      details: { journal: { none: expect.stringContaining('may create no table') } },
    })
    expect((await content(database)).map(([id]) => id)).toEqual(['2', '3'])
    expect(await kept(database)).toEqual([])
  },
)
