import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const table = (name: string) => `CREATE TABLE ${name} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, txt text, padded char(4),
  dec numeric(12,2), any_dec numeric, dbl double precision, sgl real, naive timestamp, instant timestamptz, day date, clock time, flag boolean,
  raw bytea, doc jsonb, doc_text json, ids uuid, tags text[], net inet, span interval, feeling mood, twice bigint GENERATED ALWAYS AS (id * 2) STORED)`

const row = (id: number, ...cells: readonly string[]) =>
  `(${[id, ...cells, ...Array.from({ length: 19 - cells.length }, () => 'NULL')].join(', ')})`

const awkward = [
  [
    `''`,
    `'a'`,
    '0.10',
    `'NaN'`,
    `'NaN'`,
    `'-0'`,
    `'infinity'`,
    `'0001-01-01 00:00:00+00 BC'`,
    `'294276-01-01'`,
    `'24:00:00'`,
    'true',
    `'\\x'`,
  ],
  [
    `E'a,"b"\\r\\n'`,
    `'ab'`,
    '-99999999.99',
    '1.500',
    '1e300',
    '0.1',
    `'2024-06-30 23:59:59.123456'`,
    `'-infinity'`,
    `'infinity'`,
    `'12:00'`,
    'false',
    `'\\x00ff'`,
  ],
  [
    `'𝄞 '`,
    `' b'`,
    '1',
    '123456789012345678901234567890.1234567890123',
    '5e-324',
    '1e-45',
    `'1969-12-31 23:59:59.9'`,
    'NULL',
    `'0001-01-01'`,
    `'00:00:00.000001'`,
  ],
]
const documents = [
  `'{"b": 1, "a": [1.0, null]}'`,
  `'{"b": 1,  "a": [1.0, null]}'`,
  `'00000000-0000-4000-8000-00000000000a'`,
  `ARRAY['x', NULL, '"', '']`,
  `'10.0.0.0/8'`,
  `'1 mon 2 days -00:00:03.5'`,
  `'happy'`,
]

test('rows of PostgreSQL come back as they were, whatever their types', async () => {
  await using database = await freshDatabase()
  const [one = [], two = [], three = []] = awkward
  const columns =
    'id, txt, padded, dec, any_dec, dbl, sgl, naive, instant, day, clock, flag, raw, doc, doc_text, ids, tags, net, span, feeling'
  const into = (name: string, ...rows: readonly string[]) =>
    `INSERT INTO ${name} (${columns}) OVERRIDING SYSTEM VALUE VALUES ${rows.join(', ')}`
  await database.run(`CREATE TYPE mood AS ENUM ('sad', 'happy')`, table('a'), table('b'))
  await database.run(into('a', row(1, ...one, ...documents), row(2, ...two), row(3, ...three), row(5)))
  await database.run(into('b', row(1, ...three), row(2, ...one, ...documents), row(3, ...three), row(4, ...two, ...documents)))
  const content = async () => await database.rows('SELECT * FROM b ORDER BY id')
  const before = await content()
  using world = new World()
  const config = {
    connections: { pg: database.url },
    syncs: { t: { from: 'pg#a', to: 'pg#b', mode: 'mirror' as const, guard: 'off' as const } },
  }
  const run = await world.runOne(config)
  expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 2, deleted: 1, rejected: 0 } })
  const after = await content()
  await using syncline = await openSyncline({ config, cwd: world.folder })
  const [back] = await syncline.undo(run.id).results
  expect(back).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 2, deleted: 1, rejected: 0 } })
  expect(await content()).toEqual(before)
  expect(await syncline.undo(back?.id ?? '').results).toMatchObject([
    { status: 'succeeded', error: null, counts: { inserted: 1, updated: 2, deleted: 1 } },
  ])
  expect(await content()).toEqual(after)
})

test('rows that would go along by a foreign key of others keep a run from being undone', async () => {
  await using database = await freshDatabase()
  await database.run(
    'CREATE TABLE a (id int PRIMARY KEY)',
    'CREATE TABLE b (id int PRIMARY KEY)',
    'CREATE TABLE child (b int REFERENCES b ON DELETE CASCADE)',
    'INSERT INTO a VALUES (1), (2)',
  )
  using world = new World()
  const config = { connections: { pg: database.url }, syncs: { t: { from: 'pg#a', to: 'pg#b', mode: 'mirror' as const } } }
  const run = await world.runOne(config)
  await database.run('INSERT INTO child VALUES (1)')
  await using syncline = await openSyncline({ config, cwd: world.folder })
  expect(await syncline.undo(run.id).results).toMatchObject([
    { status: 'failed', error: { code: 'CANNOT_UNDO', message: expect.stringContaining('child') } },
  ])
  expect(await database.rows('SELECT count(*) FROM b UNION ALL SELECT count(*) FROM child')).toEqual([['2'], ['1']])
})
