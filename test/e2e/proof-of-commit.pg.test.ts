import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

/** What a process leaves behind that dies right around its commit: a run without an end, and the note of its proof. */
function leavePending(world: World, sync: string, proof: object, watermark: string | null): void {
  const counts = { read: 1, inserted: 1, updated: 0, deleted: 0, unchanged: 0, rejected: 0 }
  const details = { from: '', to: '', key: [], path: '', schema: [], notes: [], timings: {} }
  const run = { id: 'dead', sync, mode: 'append', command: 'run', status: 'succeeded', counts, startedAt: '2026-01-01T00:00:00.000Z' }
  const result = JSON.stringify({ ...run, seconds: 0, bytesRead: 0, watermark, error: null, details })
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  world.sqlite(
    '.syncline/state.db',
    `INSERT INTO commits VALUES (${quoted(sync)}, ${quoted(JSON.stringify(proof))}, ${quoted(result)})`,
    `INSERT INTO runs VALUES ('dead', ${quoted(sync)}, 'running', '2026-01-01T00:00:00.000Z', ${quoted(result.replace('"succeeded"', '"running"'))})`,
  )
}

const pendingCommits = (world: World) => world.rows('.syncline/state.db', 'SELECT count(*) FROM commits')

function setUp(world: World, to: string, connections: Record<string, string> = {}): ConfigInput {
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'a')")
  return {
    connections: { a: './a.db', ...connections },
    syncs: { t: { from: { connection: 'a', object: 't', cursor: 'id' }, to, mode: 'append' } },
  }
}

/** The proof of a transaction that adds a row behind the engine's back, and then commits or does not. */
async function proofOf(database: FreshDatabase, end: 'COMMIT' | 'ROLLBACK') {
  await using client = await database.connect()
  await client.run('CREATE TABLE IF NOT EXISTS proofs (xid text)', 'BEGIN', "INSERT INTO t VALUES (2, 'b')")
  const [[xid = ''] = []] = await client.rows('SELECT pg_current_xact_id()::text')
  const [[system = ''] = []] = await client.rows('SELECT system_identifier::text FROM pg_control_system()')
  await client.run(end)
  return { kind: 'postgres-xid', xid, system }
}

describe('after a death around the commit, an append into PostgreSQL asks the server', () => {
  test('committed: the run has succeeded, its watermark holds, nothing comes twice', async () => {
    await using database = await freshDatabase()
    using world = new World()
    const config = setUp(world, 'b#t', { b: database.url })
    await world.runOne(config)
    world.sqlite('a.db', "INSERT INTO t VALUES (2, 'b'), (3, 'c')")
    leavePending(world, 't', await proofOf(database, 'COMMIT'), '2')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 2, inserted: 1, unchanged: 1 }, watermark: '3' })
    expect(await database.rows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['2'], ['3']])
    expect(pendingCommits(world)).toEqual([[0n]])
    expect(world.rows('.syncline/state.db', "SELECT status FROM runs WHERE id = 'dead'")).toEqual([['succeeded']])
  })

  test('rolled back: nothing of it counts', async () => {
    await using database = await freshDatabase()
    using world = new World()
    const config = setUp(world, 'b#t', { b: database.url })
    await world.runOne(config)
    world.sqlite('a.db', "INSERT INTO t VALUES (2, 'b'), (3, 'c')")
    leavePending(world, 't', await proofOf(database, 'ROLLBACK'), '3')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 2 }, watermark: '3' })
    expect(await database.rows('SELECT id FROM t ORDER BY id')).toEqual([['1'], ['2'], ['3']])
    expect(world.rows('.syncline/state.db', "SELECT status FROM runs WHERE id = 'dead'")).toEqual([['failed']])
  })

  test('not to be known: the append refuses to guess and says what to do, and a reset lets it go on', async () => {
    await using database = await freshDatabase()
    using world = new World()
    const config = setUp(world, 'b#t', { b: database.url })
    await world.runOne(config)
    leavePending(world, 't', { kind: 'postgres-xid', xid: '5', system: '1' }, '2')
    for (let n = 0; n < 2; n++) {
      const { error } = await world.runOne(config)
      expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', hint: expect.stringContaining('syncline state reset t') })
    }
    await using syncline = await openSyncline({ config, cwd: world.folder })
    await syncline.watermarks.reset('t')
    expect(await world.runOne(config)).toMatchObject({ error: null, counts: { read: 1, inserted: 0, unchanged: 1 } })
  })
})

test.each(['./b.db#t', './b.duckdb#t'])('%s keeps its proofs in a table that nobody is shown and no pattern finds', async (to) => {
  using world = new World()
  const config = setUp(world, to)
  await world.runOne(config)
  await using syncline = await openSyncline({ config, cwd: world.folder })
  expect(await syncline.discover(to.slice(0, -2))).toEqual({ objects: ['t'] })
  expect(await syncline.discover(to.slice(0, -2), '*')).toMatchObject({ table: { ref: { name: 't' } } })
})

test.each([
  ['./b.db#t', 'sqlite'],
  ['./b.duckdb#t', 'duckdb'],
])('into %s a commit that never was is not taken for done', async (to, kind) => {
  using world = new World()
  const config = setUp(world, to)
  expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1 } })
  expect(pendingCommits(world)).toEqual([[0n]])
  world.sqlite('a.db', "INSERT INTO t VALUES (2, 'b')")
  leavePending(world, 't', { kind, id: 'never' }, '2')
  expect(await world.runOne(config)).toMatchObject({ error: null, counts: { inserted: 1, unchanged: 1 } })
})
