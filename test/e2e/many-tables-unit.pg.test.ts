import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { amongOthers } from './among-others.ts'
import { World } from './world.ts'

let world: World
let database: FreshDatabase

beforeEach(async () => {
  world = new World()
  database = await freshDatabase()
})

afterEach(async () => {
  world[Symbol.dispose]()
  await database[Symbol.asyncDispose]()
})

type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** From the schema `a` into the schema `b` of one database. */
function config(settings: Settings = {}): ConfigInput {
  return {
    connections: {
      a: { type: 'postgres', url: database.url, schema: 'a' },
      b: { type: 'postgres', url: database.url, schema: 'b' },
      file: './b.db',
    },
    syncs: { all: { from: 'a#a.*', to: 'b#{table}', mode: 'mirror', guard: 'off', ...settings } },
  }
}

async function setUp(tables: readonly string[], rows: readonly string[] = []): Promise<void> {
  const created = ['a', 'b'].flatMap((name) => [`create schema ${name}`, `set search_path = ${name}`, ...tables])
  await using client = await database.connect()
  await client.run(...created, 'set search_path = a', ...rows)
}

const pair = [
  'create table parent (id int primary key, v text)',
  'create table child (id int primary key, parent int references parent, v text)',
]

describe('one view of the source', () => {
  test('what is written between the reads of two tables is seen by neither', async () => {
    await setUp(pair, ["insert into parent values (1, 'a')", "insert into child values (1, 1, 'a')"])
    await using others = await database.connect()
    await others.run('begin', 'lock table a.parent in access exclusive mode')
    await using syncline = await openSyncline({ config: config({ parallel: 1 }), cwd: world.folder })
    const activity = syncline.run()
    let wrote = false
    for await (const event of activity.events) {
      if (event.type !== 'progress' || event.sync !== 'all/child' || event.phase !== 'comparing' || wrote) continue
      wrote = true
      await others.run("insert into a.parent values (2, 'late')", "insert into a.child values (2, 2, 'late')", 'commit')
    }
    const results = await activity.results
    expect(wrote).toBe(true)
    expect(results.map(({ status, counts }) => [status, counts.inserted])).toEqual([
      ['succeeded', 1],
      ['succeeded', 1],
    ])
    expect(await database.rows('select id from b.parent')).toEqual([['1']])
    const next = await world.run(config())
    expect(next.map(({ counts }) => counts.inserted)).toEqual([1, 1])
  })

  test('others see all tables change at the same moment', async () => {
    await setUp(pair, [
      "insert into parent select n, 'a' from generate_series(1, 500) n",
      "insert into child select n, n, 'a' from generate_series(1, 500) n",
    ])
    const seen = new Set<string>()
    await using syncline = await openSyncline({ config: config(), cwd: world.folder })
    const activity = syncline.run()
    for await (const event of activity.events) {
      if (event.type !== 'progress') continue
      const [counts = []] = await database.rows('select (select count(*) from b.parent), (select count(*) from b.child)')
      seen.add(counts.join(' '))
    }
    await activity.results
    const [counts = []] = await database.rows('select (select count(*) from b.parent), (select count(*) from b.child)')
    seen.add(counts.join(' '))
    expect([...seen]).toEqual(['0 0', '500 500'])
  })
})

describe('circles of foreign keys', () => {
  const circle = (leads: string) => [
    'create table one (id int primary key, two int)',
    'create table two (id int primary key, one int not null references one)',
    `alter table one add constraint one_two foreign key (two) references two ${leads}`,
  ]

  test('that hold at every moment and cannot be opened are named, with what to do', async () => {
    await setUp([...circle('deferrable initially deferred'), 'alter table one alter two set not null'])
    await using client = await database.connect()
    await client.run('begin', 'insert into a.one values (1, 1)', 'insert into a.two values (1, 1)', 'commit')
    await client.run('alter table b.one alter constraint one_two not deferrable')
    const results = await world.run(config())
    expect(results.map(({ error }) => error?.code).sort()).toEqual(['FOREIGN_KEY_CIRCLE', 'ROLLED_BACK_TOGETHER'])
    const error = results.find(({ error: found }) => found?.code === 'FOREIGN_KEY_CIRCLE')?.error
    expect(error?.message).toMatch(/in a circle \((one → two → one|two → one → two)\)/)
    expect(error?.hint).toMatch(/b\.(one\.one_two|two\.two_one_fkey) be judged at the commit \(DEFERRABLE\), or let a column of it be NULL/)
    await database.run('alter table b.one alter constraint one_two deferrable')
    expect((await world.run(config())).map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    expect(await database.rows('select * from b.one, b.two')).toEqual([['1', '1', '1', '1']])
  })

  test('that are opened for a while hold again at the end, when rows change sides and go', async () => {
    await setUp(circle(''), [
      'insert into one values (1, null), (2, null)',
      'insert into two values (1, 1), (2, 2)',
      'update one set two = id',
    ])
    expect((await world.run(config())).map(({ status }) => status)).toEqual(['succeeded', 'succeeded'])
    await database.run(
      'update a.one set two = null; delete from a.two where id = 1; insert into a.one values (3, null); insert into a.two values (3, 3); update a.two set one = 3 where id = 2; update a.one set two = 2 where id = 1; update a.one set two = 3 where id = 3; delete from a.one where id = 2',
    )
    const results = await world.run(config({ verify: 'full' }))
    expect(results.map(({ error }) => error)).toEqual([null, null])
    expect(results.map(({ counts }) => [counts.inserted, counts.updated, counts.deleted])).toEqual([
      [1, 1, 1],
      [1, 1, 1],
    ])
    for (const table of ['one', 'two']) {
      expect(await database.rows(`select * from b.${table} order by 1`)).toEqual(await database.rows(`select * from a.${table} order by 1`))
    }
  })
})

describe('after a death around the commit', () => {
  /** What a process leaves that died right after or right before its commit: the note of one proof for every table. */
  async function leavePending(end: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    await using client = await database.connect()
    await client.run('BEGIN', "insert into b.parent values (7, 'x')", "insert into b.child values (7, 7, 'x')")
    const [[xid = ''] = []] = await client.rows('SELECT pg_current_xact_id()::text')
    const [[system = ''] = []] = await client.rows('SELECT system_identifier::text FROM pg_control_system()')
    await client.run(end)
    for (const table of ['parent', 'child']) leave(table, { kind: 'postgres-xid', xid: xid ?? '', system: system ?? '' })
  }

  function leave(table: string, proof: object): void {
    const [[text = ''] = []] = world.rows(
      '.syncline/state.db',
      'select result from runs where sync = ? order by started_at desc limit 1',
      `all/${table}`,
    ) as string[][]
    const run = { ...JSON.parse(text), id: `dead-${table}`, watermark: '7', startedAt: '2026-01-01T00:00:00.000Z' }
    const quoted = (value: unknown) => `'${JSON.stringify(value).replaceAll("'", "''")}'`
    world.sqlite(
      '.syncline/state.db',
      `insert into commits values ('all/${table}', ${quoted(proof)}, ${quoted(run)})`,
      `insert into runs values ('dead-${table}', 'all/${table}', 'running', '2026-01-01T00:00:00.000Z', ${quoted({ ...run, status: 'running' })})`,
    )
  }

  const appended: Settings = { mode: 'append', from: { connection: 'a', object: 'a.*', cursor: 'id' } }

  test.each([
    ['COMMIT', 'succeeded'],
    ['ROLLBACK', 'failed'],
  ] as const)('%s: every table’s run and watermark are settled by the one proof', async (end, status) => {
    await setUp(pair, ["insert into parent values (1, 'a')", "insert into child values (1, 1, 'a')"])
    await world.run(config(appended))
    await leavePending(end)
    await database.run("insert into a.parent values (7, 'x'), (8, 'y'); insert into a.child values (7, 7, 'x'), (8, 8, 'y')")
    const results = await world.run(config(appended))
    const inserted = end === 'COMMIT' ? 1 : 2
    expect(results.map(({ error, counts, watermark }) => [error, counts.inserted, watermark])).toEqual([
      [null, inserted, '8'],
      [null, inserted, '8'],
    ])
    expect(world.rows('.syncline/state.db', "select status from runs where id like 'dead%'")).toEqual([[status], [status]])
    expect(world.rows('.syncline/state.db', 'select count(*) from commits')).toEqual([[0n]])
    for (const table of ['parent', 'child'])
      expect(await database.rows(`select id from b.${table} order by id`)).toEqual([['1'], ['7'], ['8']])
  })
})

test('PostgreSQL into SQLite: tables are created with types and keys, foreign keys are not', async () => {
  await setUp(pair, ["insert into parent values (1, 'a')", "insert into child values (1, 1, 'a')"])
  const plain = await world.run(config({ from: 'a#*', to: 'file#plain_{table}' }))
  expect(plain.map(({ sync }) => sync)).toEqual(['all/child', 'all/parent'])
  const results = await world.run(config({ to: 'file#{schema}_{table}' }))
  expect(results.map(({ error, details }) => [error, details.to])).toEqual([
    [null, 'file#a_child'],
    [null, 'file#a_parent'],
  ])
  expect(world.rows('b.db', 'select c.id, p.v from a_child c join a_parent p on p.id = c.parent')).toEqual([[1n, 'a']])
  expect(world.rows('b.db', "select * from pragma_foreign_key_list('a_child')")).toEqual([])
})

test('rows that others changed meanwhile are set aside in their table alone', async () => {
  await setUp(pair, ["insert into parent values (1, 'a'), (2, 'a')", "insert into child values (1, 1, 'a')"])
  await world.run(config())
  await database.run("update a.parent set v = 'b'; update a.child set v = 'b'")
  const theirs = ["update b.parent set v = 'theirs' where id = 2"]
  const results = await amongOthers(database, theirs, async () => await world.run(config()))
  expect(results.map(({ sync, status, counts }) => [sync, status, counts.updated, counts.rejected])).toEqual([
    ['all/child', 'succeeded', 1, 0],
    ['all/parent', 'succeeded', 1, 1],
  ])
  expect(await database.rows('select v from b.parent order by id')).toEqual([['b'], ['theirs']])
})
