import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

const berlin = 'Europe/Berlin'

function sync(
  world: World,
  options: { readonly from?: object; readonly to?: object; readonly mode?: 'mirror' | 'replace' | 'upsert' } = {},
) {
  const connections = {
    a: { type: 'sqlite', path: world.path('a.db'), ...options.from },
    b: { type: 'duckdb', path: world.path('b.duckdb'), ...options.to },
  }
  const one = { from: 'a#s', to: 'b#t', mode: options.mode ?? 'mirror', key: 'id', on_reject: 'continue' } as const
  return { connections, syncs: { t: one } } satisfies ConfigInput
}

/** A target with a column of instants and one of naive timestamps. */
async function makeTarget(world: World): Promise<void> {
  world.sqlite('c.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, instant TIMESTAMPTZ, naive TIMESTAMP)')
  await world.runOne({ syncs: { t: { from: './c.db#t', to: './b.duckdb#t', mode: 'replace' } } })
}

async function texts(world: World, address: string): Promise<readonly (readonly unknown[])[]> {
  await world.runOne({ syncs: { t: { from: address, to: './seen.csv', mode: 'replace' } } })
  const lines = readFileSync(world.path('seen.csv'), 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => line.replaceAll('"', '').split(',')).sort()
}

describe('between a naive timestamp and an instant the zone of the naive side decides', () => {
  test('SQLite’s naive timestamps become instants, SQLite’s instants naive; times that are none or two are rejects', async () => {
    using world = new World()
    await makeTarget(world)
    world.sqlite(
      'a.db',
      'CREATE TABLE s (id INTEGER PRIMARY KEY, instant TIMESTAMP, naive TIMESTAMPTZ)',
      "INSERT INTO s VALUES (1, '2024-07-01 12:00:00.123456', '2024-07-01 12:00:00.123456+00')",
      "INSERT INTO s VALUES (2, '2024-03-31 02:30:00', NULL), (3, '2024-10-27 02:30:00', NULL)",
      "INSERT INTO s VALUES (4, NULL, '2024-10-27 00:30:00+00'), (5, NULL, '2024-10-27 01:30:00+00')",
    )
    const config = sync(world, { from: { zone: berlin }, to: { zone: 'America/New_York' } })
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 3, rejected: 2 } })
    expect((await world.rejects(config)).map(({ row, column, detail }) => [row.id, column, detail])).toEqual([
      ['2', 'instant', expect.stringContaining('by the clocks of Europe/Berlin')],
      ['3', 'instant', expect.stringContaining('by the clocks of Europe/Berlin')],
    ])
    expect(await texts(world, './b.duckdb#t')).toEqual([
      ['1', '2024-07-01 10:00:00.123456+00', '2024-07-01 08:00:00.123456'],
      ['4', '', '2024-10-26 20:30:00'],
      ['5', '', '2024-10-26 21:30:00'],
    ])
    expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 3, rejected: 2 })
    expect((await world.verify(config)).counts).toMatchObject({ updated: 0, deleted: 0, unchanged: 3 })
  })

  test('two instants of the hour that comes twice are one naive time, which a second run leaves alone', async () => {
    using world = new World()
    await makeTarget(world)
    world.sqlite(
      'a.db',
      'CREATE TABLE s (id INTEGER PRIMARY KEY, naive TIMESTAMPTZ)',
      "INSERT INTO s VALUES (1, '2024-10-27 00:30:00+00'), (2, '2024-10-27 01:30:00+00')",
    )
    for (const mode of ['upsert', 'mirror'] as const) {
      const config = sync(world, { to: { zone: berlin }, mode })
      await world.runOne(config)
      expect((await texts(world, './b.duckdb#t')).map((row) => row[2])).toEqual(['2024-10-27 02:30:00', '2024-10-27 02:30:00'])
      expect((await world.runOne(config)).counts).toMatchObject({ inserted: 0, updated: 0, unchanged: 2, rejected: 0 })
    }
  })

  test('the zone of the side with the instants says nothing about the other: the error names the connection', async () => {
    using world = new World()
    await makeTarget(world)
    world.sqlite('a.db', 'CREATE TABLE s (id INTEGER PRIMARY KEY, instant TIMESTAMP)')
    const result = await world.runOne(sync(world, { to: { zone: berlin } }))
    expect(result.error).toMatchObject({ code: 'ZONE_NEEDED', fix: 'config' })
    expect(result.error?.message).toContain('`instant`')
    expect(result.error?.hint).toContain('the clocks of a hang')
  })
})

test.each(['replace', 'upsert', 'mirror', 'append'] as const)(
  'texts of a file that tell no offset are times of its connection’s zone, by %s',
  async (mode) => {
    using world = new World()
    await makeTarget(world)
    world.write(
      'in.csv',
      'id,instant,naive\n1,2024-07-01 12:00,2024-07-01 12:00\n2,2024-07-01T12:00:00Z,2024-07-01 12:00:00+00\n3,2024-10-27 02:30,\n4,2024-07-01,\n',
    )
    const config: ConfigInput = {
      connections: {
        desk: { type: 'files', path: world.folder, zone: berlin },
        b: { type: 'duckdb', path: world.path('b.duckdb'), zone: berlin },
      },
      syncs: { t: { from: 'desk#in.csv', to: 'b#t', mode, key: 'id', on_reject: 'continue' } },
    }
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 3, rejected: 1 } })
    expect((await world.rejects(config)).map(({ row, column }) => [row.id, column])).toEqual([['3', 'instant']])
    expect(await texts(world, './b.duckdb#t')).toEqual([
      ['1', '2024-07-01 10:00:00+00', '2024-07-01 12:00:00'],
      ['2', '2024-07-01 12:00:00+00', '2024-07-01 14:00:00'],
      ['4', '2024-06-30 22:00:00+00', ''],
    ])
  },
)

test('a new target keeps the kind of the source: no zone is asked for', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE s (id INTEGER PRIMARY KEY, at TIMESTAMP)', "INSERT INTO s VALUES (1, '2024-10-27 02:30:00')")
  expect(await world.runOne(sync(world, { from: { zone: berlin } }))).toMatchObject({ error: null, counts: { inserted: 1 } })
  expect(await texts(world, './b.duckdb#t')).toEqual([['1', '2024-10-27 02:30:00']])
})
