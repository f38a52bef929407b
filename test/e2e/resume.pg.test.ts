import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { Gate, gatedSource, rangeRows, run, start, strike, untilBeside, writeConfig } from './resume.ts'
import { World } from './world.ts'

const former = [
  'CREATE TABLE b (id bigint PRIMARY KEY, v text, n numeric(12, 3))',
  "INSERT INTO b VALUES (1, 'former', 1), (-5, 'former', 2)",
]

async function besideOf(database: FreshDatabase): Promise<string | undefined> {
  const [[name] = []] = await database.rows(`SELECT relname FROM pg_class WHERE relname LIKE '\\_syncline\\_load%' AND relkind = 'r'`)
  return name ?? undefined
}

async function besideRows(database: FreshDatabase): Promise<number> {
  const name = await besideOf(database)
  if (name === undefined) return 0
  const [[rows] = []] = await database.rows(`SELECT count(*) FROM ${name}`).catch(() => [])
  return Number(rows ?? 0)
}

const checksum = async (database: FreshDatabase, table: string) =>
  await database.rows(`SELECT count(*), sum(hashtextextended(t::text, 0)) FROM ${table} AS t`)

async function prepared(...more: readonly string[]) {
  await using opened = new AsyncDisposableStack()
  const database = opened.use(await freshDatabase())
  const world = opened.use(new World())
  await database.run(...gatedSource, ...more)
  writeConfig(world, { from: database.url, to: database.url })
  const all = opened.move()
  return {
    database,
    world,
    struck: async () => await strike(world, database, async () => await besideRows(database)),
    [Symbol.asyncDispose]: async () => await all.disposeAsync(),
  }
}

for (const [how, more] of [
  ['is swapped in', former],
  [
    'keeps its place, with its views and foreign keys',
    [...former, 'CREATE VIEW seen AS SELECT id FROM b', 'CREATE TABLE child (b bigint REFERENCES b)', 'INSERT INTO child VALUES (1)'],
  ],
  ['is new', []],
] as const)
  test(`a killed load of a table that ${how} goes on from its last range, and loads what changed`, async () => {
    await using scene = await prepared(...more)
    const { database, world } = scene
    const before = how === 'is new' ? [] : await checksum(database, 'b')
    await scene.struck()
    if (before.length > 0) expect(await checksum(database, 'b')).toEqual(before)
    expect(await besideRows(database)).toBe(4 * rangeRows - 1)
    await database.run(
      `UPDATE a SET v = 'changed' WHERE id = ${rangeRows + 3}`,
      `DELETE FROM a WHERE id = ${2 * rangeRows + 5}`,
      "INSERT INTO a VALUES (-10, 'before', 1), (5000, 'after', 1)",
    )
    const name = await besideOf(database)
    await database.run(`INSERT INTO ${name} VALUES (-70000, 'nobody', 1), (70000, 'nobody', 1)`)
    const result = await run(world)
    expect(result).toMatchObject({ status: 'succeeded', error: null, details: { path: expect.stringContaining('range by range') } })
    expect(result.details.notes).toContainEqual(expect.stringMatching(/^continued: 2 of \d+ ranges were there already and agree$/))
    expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
    expect(await besideOf(database)).toBeUndefined()
    if (how.startsWith('keeps'))
      expect(await database.rows('SELECT count(*) FROM seen')).toEqual(await database.rows('SELECT count(*) FROM a'))
    await using syncline = await openSyncline({ cwd: world.folder })
    const [back] = await syncline.undo(result.id).results
    expect(back).toMatchObject({ status: 'succeeded', error: null })
    expect(await checksum(database, 'b')).toEqual(how === 'is new' ? [['0', null]] : before)
  })

test('a load that is cancelled keeps its ranges, too', async () => {
  await using scene = await prepared(...former)
  const { database, world } = scene
  await strike(world, database, async () => await besideRows(database), 'SIGINT')
  expect(await besideRows(database)).toBe(4 * rangeRows - 1)
  expect((await run(world)).details.notes).toContainEqual(expect.stringMatching(/^continued: 4 of 8 ranges/))
  expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
})

test('a lost connection keeps its ranges, and says so', async () => {
  await using scene = await prepared(...former)
  const { database, world } = scene
  await using gate = await Gate.close(database)
  const failing = run(world)
  await untilBeside(async () => await besideRows(database))
  await database.run(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY%STDOUT%' AND datname = current_database() AND pid <> pg_backend_pid()`,
  )
  await gate.open()
  expect(await failing).toMatchObject({
    status: 'failed',
    error: { fix: 'retry', hint: expect.stringMatching(/4 of 8 ranges are loaded beside the table, and the next run goes on with them$/) },
  })
  expect((await run(world)).details.notes).toContainEqual(expect.stringMatching(/^continued: 4 of 8 ranges/))
})

for (const [what, statements] of [
  ['another column', ['ALTER TABLE a ADD COLUMN w int DEFAULT 3', 'ALTER TABLE b ADD COLUMN w int']],
  ['another type', ['ALTER TABLE b ALTER COLUMN v TYPE varchar(40)']],
  ['another default', ["ALTER TABLE b ALTER COLUMN v SET DEFAULT 'x'"]],
  ['another check', ['ALTER TABLE b ADD CHECK (n < 1e6)']],
] as const)
  test(`what was gathered for a table that has ${what} by now is not used`, async () => {
    await using scene = await prepared(...former)
    const { database, world } = scene
    await scene.struck()
    await database.run(...statements)
    const result = await run(world)
    expect(result).toMatchObject({ status: 'succeeded', error: null, details: { notes: [] } })
    expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
  })

test('a table that is altered while its rows are gathered stays as it is by then', async () => {
  await using scene = await prepared(...former)
  const { database, world } = scene
  await using gate = await Gate.close(database)
  const running = run(world)
  await untilBeside(async () => await besideRows(database))
  await database.run('ALTER TABLE b ALTER COLUMN v TYPE varchar(40)', "ALTER TABLE b ALTER COLUMN v SET DEFAULT 'x'")
  await gate.open()
  expect(await running).toMatchObject({ status: 'succeeded', error: null })
  expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
  const definition = `SELECT format_type(atttypid, atttypmod), pg_get_expr(adbin, adrelid) FROM pg_attribute
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum WHERE attrelid = 'b'::regclass AND attname = 'v'`
  expect(await database.rows(definition)).toEqual([['character varying(40)', "'x'::character varying"]])
  expect(await besideOf(database)).toBeUndefined()
})

test('what nobody goes on with is dropped by the next replace, and no other mode meets it', async () => {
  await using scene = await prepared(...former)
  const { database, world } = scene
  await scene.struck()
  await using syncline = await openSyncline({ cwd: world.folder })
  expect(await syncline.discover('to')).toEqual({ objects: ['a', 'b'] })
  const [plan] = await syncline.plan().results
  expect(plan).toMatchObject({ status: 'differs' })
  expect(await besideOf(database)).toBeDefined()
  writeConfig(world, { from: database.url, to: database.url }, { mode: 'upsert' })
  expect(await run(world)).toMatchObject({ status: 'succeeded', error: null })
  expect(await besideOf(database)).toBeDefined()
  writeConfig(world, { from: database.url, to: database.url }, { resume: 'off' })
  expect(await run(world)).toMatchObject({ status: 'succeeded', error: null, details: { notes: [] } })
  expect(await besideOf(database)).toBeUndefined()
  expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
})

test('a row that the target refuses sends the load by the stage, and nothing is left beside', async () => {
  await using scene = await prepared(...former, 'ALTER TABLE b ADD CHECK (n < 400)')
  const { database, world } = scene
  const result = await run(world)
  expect(result).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
  expect(await besideOf(database)).toBeUndefined()
  expect(await database.rows('SELECT count(*) FROM b')).toEqual([['2']])
})

test('a guard that withholds the load leaves nothing beside', async () => {
  await using scene = await prepared(...former, "INSERT INTO b SELECT -i, 'more', 1 FROM generate_series(10, 20000) i")
  const { database, world } = scene
  writeConfig(world, { from: database.url, to: database.url }, { guard: { deletes: '10%' } })
  expect(await run(world)).toMatchObject({ status: 'withheld' })
  expect(await besideOf(database)).toBeUndefined()
})

test('while one process gathers, another one loads as it did, and neither spoils the other', async () => {
  await using scene = await prepared(...former)
  const { database, world } = scene
  using elsewhere = new World()
  writeConfig(elsewhere, { from: database.url, to: database.url })
  await using gate = await Gate.close(database)
  const first = start(world, 'run')
  await untilBeside(async () => await besideRows(database))
  const second = run(elsewhere)
  const waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77 AND NOT granted"
  while ((await database.rows(waiting))[0]?.[0] !== '2') await setTimeout(20)
  await gate.open()
  expect(await second).toMatchObject({ status: 'succeeded', error: null, details: { path: expect.not.stringContaining('range by range') } })
  expect(await first.ended).toBe(0)
  expect(await checksum(database, 'b')).toEqual(await checksum(database, 'a'))
  expect(await besideOf(database)).toBeUndefined()
})
