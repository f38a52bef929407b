import { expect, test } from 'vitest'
import { openSyncline } from '../../src/index.ts'
import { command } from './command.ts'
import { World } from './world.ts'

const rows = 150_000

/** Every row but the first has a text where a number belongs. */
function withRejects(): World {
  const world = new World()
  const lines = Array.from({ length: rows }, (_, id) => `${id},${id === 0 ? '7' : 'seven'},a text that takes some room in row ${id}`)
  world.write('in.csv', `id,n,t\n${lines.join('\n')}\n`)
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, t TEXT)')
  return world
}

/** Far less than the rejects take as objects. */
const littleMemory = { NODE_OPTIONS: '--max-old-space-size=64' }

test.each([
  ['mirror', 'continue', 4],
  ['replace', 'stop', 1],
])('%s: with `on_reject: %s` as many rejects as would not fit into memory are kept', { timeout: 120_000 }, async (mode, onReject, code) => {
  using world = withRejects()
  world.write('syncline.yaml', `syncs: { t: { from: ./in.csv, to: ./b.db#t, mode: ${mode}, key: id, on_reject: ${onReject} } }\n`)
  const run = await command(world.folder, ['run', '--json'], littleMemory)
  expect(run).toMatchObject({ code })
  const kept = world.rows('.syncline/state.db', 'SELECT count(*), count(DISTINCT run), min(column_name) FROM rejects')
  expect(kept).toEqual([[BigInt(rows - 1), 1n, 'n']])
  expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[onReject === 'stop' ? 0n : 1n]])
  const listed = await command(world.folder, ['rejects', 't'], littleMemory)
  expect(listed).toMatchObject({ code: 0 })
})

test('rejects that an undo left are tried again, and leave the list once they are delivered', async () => {
  using world = new World()
  world.sqlite('a.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'new'), (2, 'new')")
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'old'), (2, 'old')")
  const config = { syncs: { t: { from: './a.db#t', to: './b.db#t', mode: 'mirror' as const, guard: 'off' as const } } }
  const { id } = await world.runOne(config)
  world.sqlite('b.db', "UPDATE t SET v = 'theirs' WHERE id = 2")
  await using syncline = await openSyncline({ config, cwd: world.folder })
  expect(await syncline.undo(id).results).toMatchObject([{ status: 'succeeded', counts: { updated: 1, rejected: 1 } }])
  expect(await syncline.rejects({ sync: 't' })).toMatchObject([{ reason: 'moved', row: { id: '2' } }])
  expect(await syncline.retry('t').results).toMatchObject([{ status: 'succeeded', counts: { read: 1, updated: 1, rejected: 0 } }])
  expect(await syncline.rejects({ sync: 't' })).toEqual([])
  expect(world.rows('b.db', 'SELECT v FROM t ORDER BY id')).toEqual([['old'], ['new']])
})

for (const mode of ['replace', 'append', 'upsert', 'mirror'] as const)
  test.each([
    ['stop', 'failed', 0, 2],
    ['continue', 'succeeded', 2, 2],
    [{ continue: true, limit: 2 }, 'succeeded', 2, 2],
    [{ continue: true, limit: 1 }, 'failed', 0, 2],
    [{ continue: true, limit: '50%' }, 'succeeded', 2, 2],
    [{ continue: true, limit: '49%' }, 'failed', 0, 2],
  ] as const)(`${mode}: on_reject %j`, async (onReject, status, delivered, kept) => {
    using world = new World()
    world.write('in.csv', 'id,n\n1,1\n2,x\n3,3\n4,y\n')
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER)')
    const config = { syncs: { t: { from: './in.csv', to: './b.db#t', mode, key: 'id', on_reject: onReject as 'stop' } } }
    expect(await world.runOne(config)).toMatchObject({ status, ...(status === 'failed' ? { error: { code: 'REJECTS' } } : {}) })
    expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[BigInt(delivered)]])
    expect(await world.rejects(config)).toHaveLength(kept)
    world.write('in.csv', 'id,n\n1,1\n2,2\n3,3\n4,4\n')
    expect(await world.runOne(config)).toMatchObject({ status: 'succeeded' })
    expect(world.rows('b.db', 'SELECT count(*) FROM t')).toEqual([[4n]])
    expect((await world.rejects(config)).filter(({ reason }) => reason !== 'exists')).toEqual([])
  })
