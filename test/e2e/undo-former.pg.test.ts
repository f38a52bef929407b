import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const awkward = '(id int PRIMARY KEY, dec numeric, at timestamptz, raw bytea, doc jsonb, net inet, tags text[], feeling mood)'
const former = [
  `(1, 'NaN', '0001-01-01 00:00:00+00 BC', '\\x00ff', '{"b": 1, "a": [1.0, null]}', '10.0.0.0/8', ARRAY['x', NULL, ''], 'sad')`,
  `(2, 1.500, 'infinity', NULL, 'null', '::1', '{}', 'happy')`,
]
const loaded = [
  `(2, 1.5, '-infinity', '\\x', '[1]', '::1', '{}', 'happy')`,
  `(3, '1e300', '2024-06-30 23:59:59.123456', NULL, NULL, NULL, NULL, NULL)`,
]

async function prepared(database: FreshDatabase, ...more: readonly string[]): Promise<void> {
  await database.run(
    `CREATE TYPE mood AS ENUM ('sad', 'happy')`,
    `CREATE TABLE a ${awkward}`,
    `CREATE TABLE b ${awkward}`,
    `INSERT INTO a VALUES ${loaded.join(', ')}`,
    `INSERT INTO b VALUES ${former.join(', ')}`,
    ...more,
  )
}

const config = (database: FreshDatabase, more: object = {}) => ({
  connections: { pg: database.url },
  syncs: { t: { from: 'pg#a', to: 'pg#b', mode: 'replace' as const, guard: 'off' as const, ...more } },
})
const content = async (database: FreshDatabase) => await database.rows('SELECT * FROM b ORDER BY id')
const kept = async (database: FreshDatabase) =>
  await database.rows(`SELECT relname FROM pg_class WHERE relname LIKE '\\_syncline\\_former%' AND relkind = 'r'`)

for (const [how, more] of [
  ['is swapped in', []],
  ['keeps its place', ['CREATE VIEW seen AS SELECT id FROM b']],
] as const)
  test(`a table that ${how} is as it was once its replace is undone`, async () => {
    await using database = await freshDatabase()
    await prepared(database, 'CREATE INDEX by_at ON b (at)', ...more)
    const before = await content(database)
    using world = new World()
    const run = await world.runOne(config(database))
    expect(run).toMatchObject({
      status: 'succeeded',
      error: null,
      details: { path: expect.stringMatching(/^direct: pgcopy/), key: ['id'] },
    })
    const after = await content(database)
    expect(after).not.toEqual(before)
    expect(await kept(database)).toHaveLength(1)
    await using syncline = await openSyncline({ config: config(database), cwd: world.folder })
    expect(await syncline.discover('pg')).toEqual({ objects: how === 'is swapped in' ? ['a', 'b'] : ['a', 'b', 'seen'] })
    const [back] = await syncline.undo(run.id).results
    expect(back).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, deleted: 1, rejected: 0 } })
    expect(await content(database)).toEqual(before)
    expect(await database.rows(`SELECT indexname FROM pg_indexes WHERE tablename = 'b' ORDER BY 1`)).toEqual([['b_pkey'], ['by_at']])
    await syncline.undo(back?.id ?? '').results
    expect(await content(database)).toEqual(after)
  })

test('former rows go once the journal lets go of them', async () => {
  await using database = await freshDatabase()
  await prepared(database)
  using world = new World()
  const first = await world.runOne(config(database))
  await world.runOne(config(database))
  expect(await kept(database)).toHaveLength(2)
  await world.runOne(config(database, { journal: 'off' }))
  expect(await kept(database)).toEqual([])
  await using syncline = await openSyncline({ config: config(database), cwd: world.folder })
  expect(await syncline.undo(first.id).results).toMatchObject([
    { status: 'failed', error: { code: 'CANNOT_UNDO', message: expect.stringContaining('not kept any more') } },
  ])
})

test('former rows that take more room than the journal has are not kept, and the run says so', async () => {
  await using database = await freshDatabase()
  await prepared(database)
  using world = new World()
  const run = await world.runOne(config(database, { journal: { size: '4 KB' } }))
  expect(run.details.journal).toEqual({
    none: expect.stringMatching(/^the rows that it replaced take \d+ bytes, and `journal` allows 4000$/),
  })
  expect(await kept(database)).toEqual([])
})

test('what a run that was rolled back had kept is gone with it', async () => {
  await using database = await freshDatabase()
  await prepared(database, 'CREATE TABLE child (b int REFERENCES b DEFERRABLE INITIALLY DEFERRED)', 'INSERT INTO child VALUES (1)')
  using world = new World()
  const run = await world.runOne(config(database))
  expect(run.status).toBe('failed')
  expect(await kept(database)).toEqual([])
  const folder = join(world.folder, '.syncline', 'journal')
  const files = readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.rows'))
  expect(files).toEqual([])
})

test('a table of former rows that somebody dropped is a reason to refuse', async () => {
  await using database = await freshDatabase()
  await prepared(database)
  using world = new World()
  const run = await world.runOne(config(database))
  const [[name] = []] = await kept(database)
  await database.run(`DROP TABLE ${name}`)
  const after = await content(database)
  await using syncline = await openSyncline({ config: config(database), cwd: world.folder })
  expect(await syncline.undo(run.id).results).toMatchObject([
    { status: 'failed', error: { code: 'CANNOT_UNDO', message: expect.stringContaining('is not there any more') } },
  ])
  expect(await content(database)).toEqual(after)
})

test('a user who may write to a table and create none replaces it, and is told that its rows are not kept', async () => {
  await using database = await freshDatabase()
  await database.run('CREATE TABLE b (id int PRIMARY KEY, v text)', "INSERT INTO b VALUES (1, 'old'), (2, 'old')")
  const { href: url } = Object.assign(new URL(database.url), { username: database.name, password: 'geheim' })
  await database.run(
    'REVOKE CREATE ON SCHEMA public FROM public',
    `CREATE ROLE ${database.name} LOGIN PASSWORD 'geheim'`,
    `GRANT SELECT, INSERT, UPDATE, DELETE ON b TO ${database.name}`,
  )
  using world = new World()
  world.write('in.csv', 'id,v\n1,new\n3,new\n')
  const run = await world.runOne({
    connections: { pg: url },
    syncs: { t: { from: './in.csv', to: 'pg#b', mode: 'replace', guard: 'off' } },
  })
  await database.run(`DROP OWNED BY ${database.name}`, `DROP ROLE ${database.name}`)
  expect(run).toMatchObject({
    status: 'succeeded',
    error: null,
    details: { journal: { none: expect.stringContaining('may create no table') } },
  })
  expect(await content(database)).toEqual([
    ['1', 'new'],
    ['3', 'new'],
  ])
})

test('former rows that cannot be dropped, because others use them by now, stop no run', async () => {
  await using database = await freshDatabase()
  await prepared(database)
  using world = new World()
  await world.runOne(config(database))
  const [[name = ''] = []] = await kept(database)
  await database.run(`CREATE VIEW theirs AS SELECT id FROM ${name}`)
  const off = config(database, { journal: 'off' })
  expect(await world.runOne(off)).toMatchObject({ status: 'succeeded', error: null })
  await database.run('DROP VIEW theirs')
  expect(await world.runOne(off)).toMatchObject({ status: 'succeeded', error: null })
  expect(await kept(database)).toEqual([])
})
