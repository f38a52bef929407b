import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

const config = {
  connections: { a: './a.db', b: './b.db', desk: '.' },
  syncs: { items: { from: 'a#items', to: 'b#items', mode: 'mirror' as const } },
}
const create = 'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, price TEXT)'

function filled(): World {
  const world = new World()
  world.sqlite('a.db', create, `INSERT INTO items VALUES (1, 'one', '1.50'), (2, 'two', NULL), (3, '', '3')`)
  world.sqlite('b.db', create, `INSERT INTO items VALUES (1, 'one', '1.50'), (2, 'zwei', '2'), (4, 'four', '4')`)
  return world
}

async function undo(world: World, run: string, asked: ConfigInput = config): Promise<RunResult> {
  await using syncline = await openSyncline({ config: asked, cwd: world.folder })
  const [result] = await syncline.undo(run).results
  if (!result) throw new Error('an undo is a run')
  return result
}

const rows = (world: World) => world.rows('b.db', 'SELECT * FROM items ORDER BY id')

/** The files of the journal, whatever sync they are of. */
function journals(world: World): readonly string[] {
  const folder = world.path('.syncline/journal')
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((file) =>
    file.isFile() ? [join(file.parentPath, file.name)] : [],
  )
}

describe('an undo', () => {
  test('takes inserts, updates and deletes back, and can be undone itself', async () => {
    using world = filled()
    const before = rows(world)
    const run = await world.runOne(config)
    const after = rows(world)
    const back = await undo(world, run.id)
    expect(back).toMatchObject({
      command: 'undo',
      status: 'succeeded',
      counts: { read: 3, inserted: 1, updated: 1, deleted: 1, unchanged: 0, rejected: 0 },
      details: { undoes: run.id, verifiedBy: 'rows' },
    })
    expect(rows(world)).toEqual(before)
    expect(await undo(world, back.id)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual(after)
  })

  test('is kept among the runs', async () => {
    using world = filled()
    const run = await world.runOne(config)
    const back = await undo(world, run.id.slice(0, 6))
    await using syncline = await openSyncline({ config, cwd: world.folder })
    expect((await syncline.runs({ sync: 'items' })).map(({ id, command }) => [id, command])).toEqual([
      [back.id, 'undo'],
      [run.id, 'run'],
    ])
  })

  test('leaves rows that others changed since, and lists them', async () => {
    using world = filled()
    const run = await world.runOne(config)
    world.sqlite('b.db', `UPDATE items SET price = '9' WHERE id = 3`, `INSERT INTO items VALUES (4, 'vier', '4')`)
    expect(await undo(world, run.id)).toMatchObject({ status: 'succeeded', counts: { inserted: 0, updated: 1, deleted: 0, rejected: 2 } })
    expect(rows(world)).toEqual([
      [1n, 'one', '1.50'],
      [2n, 'zwei', '2'],
      [3n, '', '9'],
      [4n, 'vier', '4'],
    ])
    expect((await world.rejects(config)).map(({ reason, detail }) => [reason, detail])).toEqual([
      ['moved', 'others changed this row since the run; it stays as it is'],
      ['moved', 'others changed this row since the run; it stays as it is'],
    ])
  })

  test('leaves the rejects of earlier runs in their list', async () => {
    using world = filled()
    world.sqlite('b.db', 'CREATE TABLE strict (id INTEGER PRIMARY KEY, name TEXT NOT NULL)')
    world.sqlite('a.db', 'CREATE TABLE strict (id INTEGER, name TEXT)', `INSERT INTO strict VALUES (1, NULL), (2, 'two')`)
    const asked: ConfigInput = { ...config, syncs: { strict: { from: 'a#strict', to: 'b#strict', mode: 'mirror' } } }
    const run = await world.runOne(asked)
    expect(run.counts).toMatchObject({ inserted: 1, rejected: 1 })
    world.sqlite('b.db', `UPDATE strict SET name = 'zwei'`)
    await undo(world, run.id, asked)
    expect((await world.rejects(asked)).map(({ reason }) => reason)).toEqual(['not null', 'moved'])
  })

  test('finds nothing to do the second time', async () => {
    using world = filled()
    const before = rows(world)
    const run = await world.runOne(config)
    await undo(world, run.id)
    expect(await undo(world, run.id)).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 0, updated: 0, deleted: 0, unchanged: 3, rejected: 0 },
    })
    expect(rows(world)).toEqual(before)
  })

  test('goes row by row past a later run, and says so', async () => {
    using world = filled()
    const run = await world.runOne(config)
    world.sqlite('a.db', `UPDATE items SET name = 'dos' WHERE id = 2`)
    await world.runOne(config)
    const back = await undo(world, run.id)
    expect(back).toMatchObject({ counts: { inserted: 1, updated: 0, deleted: 1, rejected: 1 } })
    expect(back.details.notes.join()).toContain('1 later run changed this target too')
    expect(rows(world)).toEqual([
      [1n, 'one', '1.50'],
      [2n, 'dos', null],
      [4n, 'four', '4'],
    ])
  })

  test('passes guards, because a person asked', async () => {
    using world = new World()
    world.sqlite(
      'a.db',
      create,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) INSERT INTO items SELECT i, 'x', '1' FROM n`,
    )
    world.sqlite('b.db', create)
    const run = await world.runOne(config)
    expect(await undo(world, run.id)).toMatchObject({ status: 'succeeded', counts: { deleted: 300 } })
    expect(rows(world)).toEqual([])
  })

  test('sets the watermark back, so that the next run brings the rows again', async () => {
    using world = filled()
    const asked: ConfigInput = {
      ...config,
      syncs: { items: { from: { connection: 'a', object: 'items', cursor: 'id' }, to: 'b#items', mode: 'upsert' } },
    }
    const first = await world.runOne(asked)
    world.sqlite('a.db', `INSERT INTO items VALUES (10, 'ten', '10')`)
    const second = await world.runOne(asked)
    expect([first.watermark, second.watermark]).toEqual(['3', '10'])
    expect(await undo(world, second.id, asked)).toMatchObject({ counts: { deleted: 1 }, watermark: '3' })
    expect(await undo(world, first.id, asked)).toMatchObject({ counts: { deleted: 1, updated: 1 }, watermark: null })
    expect(await world.runOne(asked)).toMatchObject({ counts: { inserted: 2, updated: 1 }, watermark: '10' })
  })

  test.each(['csv', 'parquet', 'json', 'ndjson'])('takes back what a run wrote into a %s file', async (format) => {
    using world = filled()
    const asked: ConfigInput = { ...config, syncs: { items: { from: 'a#items', to: `desk#items.${format}`, mode: 'mirror', key: 'id' } } }
    world.sqlite('a.db', 'DELETE FROM items WHERE id = 3', `UPDATE items SET price = '2' WHERE id = 2`)
    await world.runOne(asked)
    const before = readFileSync(world.path(`items.${format}`))
    world.sqlite(
      'a.db',
      `INSERT INTO items VALUES (7, 'seven', NULL), (8, '', '8')`,
      'DELETE FROM items WHERE id = 1',
      'UPDATE items SET price = NULL WHERE id = 2',
    )
    const run = await world.runOne(asked)
    const after = readFileSync(world.path(`items.${format}`))
    const back = await undo(world, run.id, asked)
    expect(back).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 2, rejected: 0 } })
    expect(readFileSync(world.path(`items.${format}`)).equals(before)).toBe(true)
    await undo(world, back.id, asked)
    expect(readFileSync(world.path(`items.${format}`)).equals(after)).toBe(true)
  })

  test('takes back what a run wrote into a sheet of a book', async () => {
    using world = filled()
    const sheet = (name: string): ConfigInput => ({
      ...config,
      syncs: {
        items: {
          from: `a#${name}`,
          to: { connection: 'desk', object: 'book.xlsx', sheet: 'Items' },
          mode: 'mirror',
          key: 'id',
          guard: 'off',
        },
      },
    })
    world.sqlite(
      'a.db',
      'CREATE TABLE former AS SELECT * FROM items',
      `UPDATE items SET name = 'zwei' WHERE id = 2`,
      'DELETE FROM items WHERE id = 1',
    )
    world.sqlite('a.db', `INSERT INTO items VALUES (8, '8', NULL)`)
    await world.runOne(sheet('former'))
    const run = await world.runOne(sheet('items'))
    expect(run).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(await undo(world, run.id, sheet('items'))).toMatchObject({
      error: null,
      counts: { inserted: 1, updated: 1, deleted: 1, rejected: 0 },
    })
    expect(await world.verify(sheet('former'))).toMatchObject({ status: 'succeeded', counts: { unchanged: 3 } })
  })

  test('leaves rows of a file that others changed since', async () => {
    using world = filled()
    const asked: ConfigInput = { ...config, syncs: { items: { from: 'a#items', to: 'desk#items.csv', mode: 'mirror', key: 'id' } } }
    world.write('items.csv', 'id,name,price\n2,zwei,2\n4,four,4\n5,five,5\n')
    const run = await world.runOne(asked)
    world.write('items.csv', 'id,name,price\n1,uno,1.50\n2,two,\n3,"",3\n4,vier,4\n9,new,9\n')
    expect(await undo(world, run.id, asked)).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 1, updated: 1, deleted: 1, rejected: 2 },
    })
    expect(readFileSync(world.path('items.csv'), 'utf8')).toBe('id,name,price\n1,uno,1.50\n2,zwei,2\n4,vier,4\n5,five,5\n9,new,9\n')
  })

  test.each([
    ['a run that changed nothing', async (world: World) => (await world.run(config)) && (await world.runOne(config)), 'it changed nothing'],
    [
      'a run whose journal is off',
      async (world: World) => await world.runOne({ ...config, syncs: { items: { ...config.syncs.items, journal: 'off' as const } } }),
      '`journal` is off',
    ],
    [
      'a run whose images are gone',
      async (world: World) => await world.runOne({ ...config, syncs: { items: { ...config.syncs.items, journal: { size: '1KB' } } } }),
      '`journal` allows 1000',
    ],
  ])('refuses %s, with the reason', async (_, make, said) => {
    using world = filled()
    const run = await make(world)
    const before = rows(world)
    expect(await undo(world, run.id)).toMatchObject({
      status: 'failed',
      error: { code: 'CANNOT_UNDO', message: expect.stringContaining(said) },
    })
    expect(rows(world)).toEqual(before)
  })

  test('refuses where the config names another target by now', async () => {
    using world = filled()
    const run = await world.runOne(config)
    world.sqlite('b.db', create.replace('items', 'others'))
    const other = { ...config, syncs: { items: { ...config.syncs.items, to: 'b#others' } } }
    expect(await undo(world, run.id, other)).toMatchObject({
      error: { code: 'CANNOT_UNDO', message: expect.stringContaining('another target') },
    })
  })

  test('refuses where a column is gone', async () => {
    using world = filled()
    const run = await world.runOne(config)
    world.sqlite('b.db', 'ALTER TABLE items DROP COLUMN price')
    expect(await undo(world, run.id)).toMatchObject({ error: { code: 'CANNOT_UNDO', message: expect.stringContaining('`price`') } })
  })

  test('of a copy needs no config', async () => {
    using world = filled()
    const before = rows(world)
    await using syncline = await openSyncline({ cwd: world.folder })
    const [run] = await syncline.copy('./a.db#items', './b.db#items', { mode: 'mirror', guard: 'off' }).results
    const [back] = await syncline.undo(run?.id ?? '').results
    expect(back).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual(before)
  })
})

describe('columns that only the target has', () => {
  const extra = (column: string, run: string) => async () => {
    using world = filled()
    world.sqlite('b.db', `ALTER TABLE items ADD COLUMN ${column}`, run)
    return await world.runOne(config)
  }

  test('and that others filled in since keep their row', async () => {
    using world = filled()
    world.sqlite('b.db', 'ALTER TABLE items ADD COLUMN note TEXT', 'DELETE FROM items WHERE id = 4')
    const run = await world.runOne(config)
    expect(run).toMatchObject({ counts: { inserted: 1, updated: 1, deleted: 0 }, details: { journal: { bytes: expect.any(Number) } } })
    world.sqlite('b.db', `UPDATE items SET note = 'mine' WHERE id = 3`)
    expect(await undo(world, run.id)).toMatchObject({ counts: { updated: 1, deleted: 0, rejected: 1 } })
    expect(rows(world)).toContainEqual([3n, '', '3', 'mine'])
  })

  test('are why a run that lost or filled them cannot be undone', async () => {
    expect(await extra('note TEXT', 'SELECT 1')()).toMatchObject({
      details: { journal: { none: expect.stringContaining('held in note') } },
    })
    const filledIn = await extra(`state TEXT DEFAULT 'new'`, 'DELETE FROM items WHERE id = 4')()
    expect(filledIn).toMatchObject({ details: { journal: { none: expect.stringContaining('put into state') } } })
  })
})

describe('the journal', () => {
  test('is readable by its owner alone', async () => {
    using world = filled()
    const run = await world.runOne(config)
    const [file = '', ...others] = journals(world)
    expect(others).toEqual([])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(run.details.journal).toEqual({ bytes: statSync(file).size })
  })

  test('goes where it is older than `journal` says, or takes more room', async () => {
    using world = filled()
    const first = await world.runOne(config)
    const [former = ''] = journals(world)
    const size = statSync(former).size
    world.sqlite('a.db', `INSERT INTO items VALUES (9, 'nine', '9')`)
    await world.runOne({ ...config, defaults: { journal: { keep: '1w' } } })
    expect(journals(world)).toHaveLength(2)
    await world.runOne({ ...config, defaults: { journal: 'off' } })
    expect(journals(world)).toEqual([])
    expect(size).toBeLessThan(1e6)
    expect(await undo(world, first.id)).toMatchObject({ error: { message: expect.stringContaining('not kept any more') } })
  })

  test('of a run that was rolled back is not kept', async () => {
    using world = filled()
    world.sqlite('b.db', `CREATE TRIGGER no BEFORE INSERT ON items BEGIN SELECT raise(ABORT, 'no'); END`)
    expect(await world.runOne({ ...config, defaults: { on_reject: 'stop' } })).toMatchObject({ status: 'failed' })
    expect(journals(world)).toEqual([])
  })

  test('is that of the changes where a load was given up for them', async () => {
    using world = filled()
    const before = rows(world)
    const asked = { ...config, syncs: { items: { ...config.syncs.items, mode: 'append' as const } } }
    const run = await world.runOne(asked)
    expect(run).toMatchObject({ status: 'succeeded', counts: { inserted: 1, rejected: 1 } })
    expect(journals(world).filter((file) => file.endsWith('.rows'))).toEqual([])
    expect(await undo(world, run.id, asked)).toMatchObject({ status: 'succeeded', error: null, counts: { deleted: 1 } })
    expect(rows(world)).toEqual(before)
  })

  test('holds for a run whose end its process did not live to note', async () => {
    using world = filled()
    const before = rows(world)
    await world.runOne({ ...config, syncs: { items: { ...config.syncs.items, from: 'b#items', to: 'b#other' } } })
    world.sqlite(
      '.syncline/state.db',
      `CREATE TRIGGER die BEFORE INSERT ON runs WHEN NEW.status = 'succeeded' BEGIN SELECT raise(ABORT, 'gone'); END`,
    )
    const run = await world.runOne(config)
    expect(run).toMatchObject({ status: 'failed' })
    expect(rows(world)).not.toEqual(before)
    world.sqlite('.syncline/state.db', 'DROP TRIGGER die')
    expect(await undo(world, run.id)).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 1, deleted: 1 } })
    expect(rows(world)).toEqual(before)
  })

  test('of a commit that did not happen goes once that is known', async () => {
    using world = filled()
    world.sqlite('b.db', 'CREATE TABLE names (name TEXT PRIMARY KEY)', 'DROP TABLE items')
    world.sqlite(
      'b.db',
      'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT REFERENCES names DEFERRABLE INITIALLY DEFERRED, price TEXT)',
    )
    const run = await world.runOne(config)
    expect(run).toMatchObject({ status: 'failed' })
    world.sqlite('b.db', `INSERT INTO names VALUES ('one'), ('two'), ('')`)
    const next = await world.runOne(config)
    expect(next).toMatchObject({ status: 'succeeded', counts: { inserted: 3 } })
    expect(journals(world).map((file) => file.includes(next.id))).toEqual([true])
    expect(await undo(world, run.id)).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('it is failed') } })
  })
})
