import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

type Settings = Partial<NonNullable<ConfigInput['syncs']>[string]>

/** A source of rows 1 to 5, the third changed, a sixth that is new, and a target that holds 1 to 5 and 11 to 15. */
function filled(): World {
  const world = new World()
  const create = 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)'
  world.sqlite('a.db', create, `INSERT INTO t VALUES (1, 'a'), (2, 'a'), (3, 'new'), (4, 'a'), (5, 'a'), (6, 'six')`)
  const held = [1, 2, 3, 4, 5, 11, 12, 13, 14, 15].map((id) => `(${id}, 'a')`)
  world.sqlite('b.db', create, `INSERT INTO t VALUES ${held.join(', ')}`)
  return world
}

function config(settings: Settings = {}): ConfigInput {
  return {
    connections: { a: './a.db', b: './b.db', desk: '.' },
    syncs: { t: { from: 'a#t', to: 'b#t', mode: 'mirror', key: 'id', guard: { deletes: '10%' }, ...settings } },
  }
}

const rows = (world: World) => world.rows('b.db', 'SELECT id, v FROM t ORDER BY id')
const plans = (world: World) => (existsSync(world.path('.syncline/plans')) ? readdirSync(world.path('.syncline/plans')) : [])

async function apply(world: World, { details }: Pick<RunResult, 'details'>, using: ConfigInput = config()): Promise<RunResult | undefined> {
  await using syncline = await openSyncline({ config: using, cwd: world.folder })
  return (await syncline.apply(details.plan ?? '').results)[0]
}

describe('a run that a guard withholds', () => {
  test('changes nothing, and keeps what it would have done for a person to look at and to approve', async () => {
    using world = filled()
    const before = rows(world)
    const run = await world.runOne(config())
    expect(run).toMatchObject({ status: 'withheld', details: { plan: world.path(`.syncline/plans/${run.id}.plan`) } })
    expect(rows(world)).toEqual(before)
    expect(statSync(run.details.plan ?? '').mode & 0o777).toBe(0o600)
    expect(statSync(world.path('.syncline/plans')).mode & 0o777).toBe(0o700)
    await using syncline = await openSyncline({ config: config(), cwd: world.folder })
    expect(await syncline.withheld(run.id)).toMatchObject([
      {
        sync: 't',
        status: 'withheld',
        counts: { inserted: 1, updated: 1, deleted: 5 },
        columns: ['id', 'v'],
        samples: [
          { kind: 'insert', before: null, after: ['6', 'six'] },
          { kind: 'update', before: ['3', 'a'], after: ['3', 'new'] },
          ...[11, 12, 13, 14, 15].map((id) => ({ kind: 'delete', before: [`${id}`, 'a'], after: null })),
        ],
      },
    ])
    expect(await apply(world, run)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 5 } })
    expect(rows(world)).toEqual(world.rows('a.db', 'SELECT id, v FROM t ORDER BY id'))
    expect(plans(world)).toEqual([])
    expect(await syncline.withheld(run.id)).toEqual([])
  })

  test('is not approved any more once a side has moved', async () => {
    using world = filled()
    const run = await world.runOne(config())
    world.sqlite('b.db', `UPDATE t SET v = 'mine' WHERE id = 12`)
    const before = rows(world)
    expect(await apply(world, run)).toMatchObject({ status: 'failed', error: { code: 'PLAN_STALE' } })
    expect(rows(world)).toEqual(before)
  })

  test('keeps its plan until a later run brought the sync in step, and no other', async () => {
    using world = filled()
    const first = await world.runOne(config())
    const second = await world.runOne(config())
    expect(plans(world).toSorted()).toEqual([`${first.id}.plan`, `${second.id}.plan`].toSorted())
    expect(await world.runOne(config({ guard: 'off' }))).toMatchObject({ status: 'succeeded' })
    expect(plans(world)).toEqual([])
  })

  test('keeps no more plans than `journal` allows its images', async () => {
    using world = filled()
    const settings: Settings = { journal: { size: '1MB' } }
    await world.runOne(config(settings))
    const last = await world.runOne(config(settings))
    expect(statSync(last.details.plan ?? '').size).toBeGreaterThan(500_000)
    expect(plans(world)).toEqual([`${last.id}.plan`])
  })

  test('changes nothing and says so where its plan cannot be kept', async () => {
    using world = filled()
    const before = rows(world)
    await world.runOne(config({ guard: 'off', mode: 'upsert' }))
    world.sqlite('b.db', 'DELETE FROM t WHERE id = 6', `UPDATE t SET v = 'a' WHERE id = 3`)
    world.write('.syncline/plans', 'a file where a folder should be')
    expect(await world.runOne(config())).toMatchObject({ status: 'failed', error: { code: 'PLAN_NOT_KEPT' } })
    expect(rows(world)).toEqual(before)
  })

  test.each(['b#t', 'desk#t.csv'])('and replaces %s is compared for its plan', async (to) => {
    using world = filled()
    world.write('t.csv', `id,v\n${[1, 2, 3, 4, 5, 11, 12, 13, 14, 15].map((id) => `${id},a\n`).join('')}`)
    const replacing = config({ mode: 'replace', to })
    const run = await world.runOne(replacing)
    expect(run).toMatchObject({ status: 'withheld', details: { plan: expect.any(String) } })
    expect(await apply(world, run, replacing)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 5 } })
    expect(await world.runOne(replacing)).toMatchObject({ status: 'succeeded' })
  })

  test('of rows without a key is approved, too', async () => {
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (v TEXT)', `INSERT INTO t VALUES ('a'), ('a'), (NULL)`)
    world.sqlite('b.db', 'CREATE TABLE t (v TEXT)', `INSERT INTO t VALUES ('a'), ('b'), ('b'), ('c'), (NULL), (NULL)`)
    const { key: _, ...keyless } = config({ mode: 'replace' }).syncs?.t ?? {}
    const replacing = { ...config(), syncs: { t: keyless } } as ConfigInput
    const run = await world.runOne(replacing)
    expect(run).toMatchObject({ status: 'withheld' })
    expect(await apply(world, run, replacing)).toMatchObject({ status: 'succeeded' })
    expect(world.rows('b.db', 'SELECT v FROM t ORDER BY v')).toEqual([[null], ['a'], ['a']])
  })
})

describe('inserts that go on', () => {
  const proceeding = config({ guard: { deletes: '10%', proceed: 'inserts' } })

  test('are made, and the rest is withheld', async () => {
    using world = filled()
    const run = await world.runOne(proceeding)
    expect(run).toMatchObject({
      status: 'withheld',
      counts: { read: 6, inserted: 1, updated: 0, deleted: 0, unchanged: 4 },
      details: { proceeded: true, verifiedBy: 'rows' },
    })
    expect(rows(world)).toHaveLength(11)
    await using syncline = await openSyncline({ config: proceeding, cwd: world.folder })
    expect(await syncline.withheld(run.id)).toMatchObject([{ counts: { inserted: 0, updated: 1, deleted: 5 } }])
    expect(await apply(world, run, proceeding)).toMatchObject({ status: 'succeeded', counts: { inserted: 0, updated: 1, deleted: 5 } })
    expect(rows(world)).toEqual(world.rows('a.db', 'SELECT id, v FROM t ORDER BY id'))
  })

  test.each(['full', 'checksum', 'counts', 'off'] as const)('are proved by verify: %s', async (verify) => {
    using world = filled()
    expect(await world.runOne(config({ verify, guard: { deletes: 0, proceed: 'inserts' } }))).toMatchObject({
      status: 'withheld',
      counts: { inserted: 1 },
    })
  })

  test('can be undone', async () => {
    using world = filled()
    const before = rows(world)
    const run = await world.runOne(proceeding)
    await using syncline = await openSyncline({ config: proceeding, cwd: world.folder })
    expect(await syncline.undo(run.id).results).toMatchObject([{ status: 'succeeded', counts: { deleted: 1 } }])
    expect(rows(world)).toEqual(before)
  })

  test('leave the watermark where it was, so that what is withheld is read again', async () => {
    using world = filled()
    const following = config({
      from: { connection: 'a', object: 't', cursor: 'id' },
      mode: 'upsert',
      guard: { updates: 0, proceed: 'inserts' },
    })
    const run = await world.runOne(following)
    expect(run).toMatchObject({ status: 'withheld', counts: { inserted: 1, updated: 0 }, watermark: null })
    expect(await apply(world, run, following)).toMatchObject({ status: 'succeeded', counts: { updated: 1 }, watermark: '6' })
    expect(await world.runOne(following)).toMatchObject({ status: 'succeeded', counts: { read: 1, inserted: 0, updated: 0 } })
  })

  test('do not where a replace is swapped in at once: a guard of its own may not ask for it, one of all syncs may', async () => {
    using world = filled()
    const before = rows(world)
    const asked = config({ mode: 'replace', guard: { deletes: 0, proceed: 'inserts' } })
    await expect(world.run(asked)).rejects.toMatchObject({ code: 'BAD_CONFIG', message: expect.stringContaining('`proceed`') })
    const run = await world.runOne({
      connections: { a: './a.db', b: './b.db' },
      defaults: { guard: { deletes: 0, proceed: 'inserts' } },
      syncs: { t: { from: 'a#t', to: 'b#t', mode: 'replace' } },
    })
    expect(run).toMatchObject({ status: 'withheld', counts: { inserted: 0 } })
    expect(run.details.proceeded).toBeUndefined()
    expect(rows(world)).toEqual(before)
  })
})

test('a copy that no config knows keeps no plan: nothing could apply it', async () => {
  using world = filled()
  await using syncline = await openSyncline({ cwd: world.folder })
  const [run] = await syncline.copy('./a.db#t', './b.db#t', { mode: 'mirror', key: ['id'] }).results
  expect(run).toMatchObject({ status: 'succeeded' })
  world.sqlite('a.db', 'DELETE FROM t')
  const [withheld] = await syncline.copy('./a.db#t', './b.db#t', { mode: 'mirror', key: ['id'] }).results
  expect(withheld?.status).toBe('withheld')
  expect(withheld?.details.plan).toBeUndefined()
  expect(plans(world)).toEqual([])
})

test('a run ends as it did where a plan or a journal that is over cannot be removed', async () => {
  using world = filled()
  const held = await world.runOne(config())
  const open = await world.runOne(config({ guard: 'off' }))
  expect(plans(world)).toEqual([])
  const journal = world.path(`.syncline/journal/${readdirSync(world.path('.syncline/journal'))[0]}`)
  // A folder cannot be removed as a file is.
  rmSync(join(journal, `${open.id}.parquet`))
  for (const path of [`${journal}/${open.id}.parquet`, held.details.plan ?? '']) mkdirSync(path)
  world.sqlite('a.db', "INSERT INTO t VALUES (7, 'seven')")
  const run = await world.runOne(config({ guard: 'off', journal: 'off' }))
  expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1 } })
})

test('the plan that people are told of stays, whatever the clock says and however little room there is', async () => {
  using world = filled()
  expect(await world.runOne(config({ guard: 'off' }))).toMatchObject({ status: 'succeeded' })
  world.sqlite(
    '.syncline/state.db',
    "UPDATE runs SET started_at = '2999-01-01T00:00:00.000Z', result = json_set(result, '$.startedAt', '2999-01-01T00:00:00.000Z')",
  )
  world.sqlite('a.db', 'DELETE FROM t WHERE id > 2')
  const little = config({ journal: { keep: '30d', size: '1KB' } })
  const run = await world.runOne(little)
  expect(run).toMatchObject({ status: 'withheld' })
  expect(plans(world)).toEqual([`${run.id}.plan`])
  expect(await apply(world, run, little)).toMatchObject({ status: 'succeeded', counts: { deleted: 4 } })
  expect(plans(world)).toEqual([])
})
