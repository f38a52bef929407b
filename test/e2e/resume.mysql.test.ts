import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { Gate, gatedSource, rangeRows, run, strike, untilBeside, writeConfig } from './resume.ts'
import { World } from './world.ts'

const mysqlTest = test.skipIf(noMysql !== undefined)

const columns = '(id bigint PRIMARY KEY, v longtext COLLATE utf8mb4_bin, n decimal(12, 3))'
const former = [`CREATE TABLE b ${columns}`, "INSERT INTO b VALUES (1, 'former', 1), (-5, 'former', 2)"]

async function besideOf(database: FreshDatabase): Promise<string | undefined> {
  const [[name] = []] = await database.rows(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE '\\_syncline\\_load%'",
  )
  return name ?? undefined
}

async function besideRows(database: FreshDatabase): Promise<number> {
  const name = await besideOf(database)
  if (name === undefined) return 0
  const [[rows] = []] = await database.rows(`SELECT count(*) FROM ${name}`).catch(() => [])
  return Number(rows ?? 0)
}

const content = async (database: FreshDatabase, table: string) => await database.rows(`SELECT id, v, n FROM ${table} ORDER BY id`)

for (const [how, more] of [
  ['is swapped in', former],
  ['keeps its place, with its views', [...former, 'CREATE VIEW seen AS SELECT id FROM b']],
  [
    'numbers its rows',
    [`CREATE TABLE b ${columns.replace('PRIMARY', 'AUTO_INCREMENT PRIMARY')}`, "INSERT INTO b VALUES (90000, 'former', 1)"],
  ],
  ['is new', []],
] as const)
  mysqlTest(`a killed load into MySQL of a table that ${how} goes on from its last range, and loads what changed`, async () => {
    await using source = await freshDatabase()
    await using target = await freshMysqlDatabase()
    using world = new World()
    await source.run(...gatedSource)
    await target.run(...more)
    writeConfig(world, { from: source.url, to: target.url })
    const before = how === 'is new' ? [] : await content(target, 'b')
    await strike(world, source, async () => await besideRows(target))
    if (before.length > 0) expect(await content(target, 'b')).toEqual(before)
    await source.run(
      `UPDATE a SET v = 'changed' WHERE id = ${rangeRows + 3}`,
      `DELETE FROM a WHERE id = ${2 * rangeRows + 5}`,
      "INSERT INTO a VALUES (-10, 'before', 1), (5000, 'after', 1)",
    )
    await target.run(`INSERT INTO ${await besideOf(target)} VALUES (-70000, 'nobody', 1), (70000, 'nobody', 1)`)
    const result = await run(world)
    expect(result).toMatchObject({ status: 'succeeded', error: null, details: { path: expect.stringContaining('range by range') } })
    expect(result.details.notes).toContainEqual(expect.stringMatching(/^continued: 2 of \d+ ranges were there already and agree$/))
    expect(await content(target, 'b')).toEqual(await content(source, 'a'))
    expect(await besideOf(target)).toBeUndefined()
    await using syncline = await openSyncline({ cwd: world.folder })
    expect(await syncline.undo(result.id).results).toMatchObject([{ status: 'succeeded', error: null }])
    expect(await content(target, 'b')).toEqual(before)
    const again = await run(world)
    expect(again).toMatchObject({ status: 'succeeded', error: null, details: { notes: [] } })
    if (how !== 'numbers its rows') return
    await target.run("INSERT INTO b (v) VALUES ('next')")
    expect(await target.rows('SELECT max(id) FROM b')).toEqual([['90001']])
  })

mysqlTest('a table of MySQL that is altered while its rows are gathered stays as it is by then', async () => {
  await using source = await freshDatabase()
  await using target = await freshMysqlDatabase()
  using world = new World()
  await source.run(...gatedSource)
  await target.run(...former)
  writeConfig(world, { from: source.url, to: target.url })
  await using gate = await Gate.close(source)
  const running = run(world)
  await untilBeside(async () => await besideRows(target))
  await target.run('ALTER TABLE b MODIFY n decimal(20, 6)')
  await gate.open()
  expect(await running).toMatchObject({ status: 'succeeded', error: null })
  const texts = await source.rows('SELECT id, v, n::numeric(20, 6) FROM a ORDER BY id')
  expect(await content(target, 'b')).toEqual(texts)
  expect(await besideOf(target)).toBeUndefined()
})

mysqlTest('a killed load out of MySQL goes on from its last range', async () => {
  await using source = await freshMysqlDatabase()
  await using target = await freshDatabase()
  using world = new World()
  const rows = Array.from({ length: 8 * rangeRows - 1 }, (_, index) => `(${index + 1}, 'v${index + 1}', ${(index + 1) / 8})`)
  await source.run(`CREATE TABLE a ${columns}`, `INSERT INTO a VALUES ${rows.join(', ')}`)
  await target.run(
    'CREATE TABLE b (id bigint PRIMARY KEY, v text, n numeric(12, 3))',
    "INSERT INTO b VALUES (1, 'former', 1)",
    `CREATE FUNCTION gate(id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
       BEGIN IF id = ${4.5 * rangeRows} THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; RETURN true; END $$`,
    'ALTER TABLE b ADD CHECK (gate(id))',
  )
  writeConfig(world, { from: source.url, to: target.url }, { from: 'from#a' })
  const beside = async () => {
    const [[name] = []] = await target.rows("SELECT relname FROM pg_class WHERE relname LIKE '\\_syncline\\_load%' AND relkind = 'r'")
    if (!name) return 0
    return Number((await target.rows(`SELECT count(*) FROM ${name}`).catch(() => []))[0]?.[0] ?? 0)
  }
  await strike(world, target, beside)
  const result = await run(world)
  expect(result).toMatchObject({ status: 'succeeded', error: null, details: { path: expect.stringContaining('range by range') } })
  expect(result.details.notes).toContainEqual(expect.stringMatching(/^continued: 4 of 8 ranges were there already and agree$/))
  expect(await content(target, 'b')).toEqual(await content(source, 'a'))
})
