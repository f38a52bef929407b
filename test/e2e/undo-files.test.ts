import { appendFileSync, chmodSync, existsSync, linkSync, readdirSync, readFileSync, statSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ConfigInput, openSyncline, type RunResult } from '../../src/index.ts'
import { World } from './world.ts'

const create = 'CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT)'

type Sync = NonNullable<ConfigInput['syncs']>[string]

/** What a sync of `items` in `a.db` into a file is like. */
function into(file: string, settings: Partial<Sync> = {}): ConfigInput {
  return {
    connections: { a: './a.db', desk: '.' },
    syncs: { items: { from: 'a#items', to: `desk#${file}`, mode: 'replace', guard: 'off', ...settings } as Sync },
  }
}

function filled(): World {
  const world = new World()
  world.sqlite('a.db', create, `INSERT INTO items VALUES (1, 'one'), (2, 'two')`)
  return world
}

async function undo(world: World, { id }: Pick<RunResult, 'id'>, config: ConfigInput): Promise<RunResult> {
  await using syncline = await openSyncline({ config, cwd: world.folder })
  const [result] = await syncline.undo(id).results
  if (!result) throw new Error('an undo is a run')
  return result
}

/** A file's bytes; `undefined` where there is none. */
function bytes(world: World, file: string): Buffer | undefined {
  return existsSync(world.path(file)) ? readFileSync(world.path(file)) : undefined
}

/** Files of the journal of all runs. */
function journals(world: World): readonly string[] {
  return readdirSync(world.path('.syncline/journal'), { recursive: true, withFileTypes: true }).flatMap((file) =>
    file.isFile() ? [join(file.parentPath, file.name)] : [],
  )
}

const succeeded = { status: 'succeeded', error: null }

const loads = [
  ['replace', { mode: 'replace' }],
  ['append without a key', { mode: 'append', from: { connection: 'a', query: 'select id + 10 as id, name from items' } }],
] as const
const compared = [
  ['append', { mode: 'append', key: 'id' }],
  ['upsert', { mode: 'upsert', key: 'id' }],
  ['mirror', { mode: 'mirror', key: 'id' }],
] as const

describe.each([
  { name: 'items.csv', modes: [...loads, ...compared] },
  { name: 'items.csv.gz', modes: loads },
  { name: 'items.tsv', modes: loads },
  { name: 'items.json', modes: loads },
  { name: 'items.ndjson', modes: loads },
  { name: 'items.parquet', modes: [...loads, ...compared] },
  { name: 'items.xlsx', modes: loads },
  { name: 'items.xlsx#Sheet 2', modes: [...loads, ...compared] },
])('$name', ({ name, modes }) => {
  const [file = ''] = name.split('#')

  test.each(modes)('%s is taken back byte for byte, and so is that', async (_, settings) => {
    using world = filled()
    const config = into(name, settings)
    const first = await world.runOne(config)
    expect(first).toMatchObject(succeeded)
    const one = bytes(world, file)
    world.sqlite('a.db', `UPDATE items SET name = 'uno' WHERE id = 1`, `INSERT INTO items VALUES (3, 'three')`)
    const run = await world.runOne(config)
    expect(run).toMatchObject({ status: 'succeeded', details: { journal: { bytes: expect.any(Number) } } })
    const two = bytes(world, file)
    expect(two).not.toEqual(one)

    const { inserted, updated, deleted } = run.counts
    const back = await undo(world, run, config)
    expect(back).toMatchObject({ ...succeeded, counts: { inserted: deleted, updated, deleted: inserted, rejected: 0 } })
    expect(bytes(world, file)).toEqual(one)
    const again = await undo(world, back, config)
    expect(again).toMatchObject({ ...succeeded, counts: { inserted, updated, deleted } })
    expect(bytes(world, file)).toEqual(two)

    // The latest first, to the beginning, when there was no file.
    expect(await undo(world, again, config)).toMatchObject(succeeded)
    const gone = await undo(world, first, config)
    expect(gone).toMatchObject({ ...succeeded, counts: { deleted: first.counts.inserted } })
    expect(bytes(world, file)).toBeUndefined()
    expect(await undo(world, gone, config)).toMatchObject(succeeded)
    expect(bytes(world, file)).toEqual(one)
    expect(readdirSync(world.folder).filter((entry) => entry.includes('.syncline-'))).toEqual([])
  })
})

describe('a load into a file', () => {
  test('that was taken back is so already', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    const config = into('items.csv')
    const run = await world.runOne(config)
    await undo(world, run, config)
    expect(await undo(world, run, config)).toMatchObject({ ...succeeded, counts: { read: 3, inserted: 0, deleted: 0, unchanged: 3 } })
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n9,nine\n')
  })

  test('is the same for who only touched the file', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    const run = await world.runOne(into('items.csv'))
    utimesSync(world.path('items.csv'), 1, 1)
    expect(await undo(world, run, into('items.csv'))).toMatchObject(succeeded)
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n9,nine\n')
  })

  test('stays where others changed it and no key tells its rows apart', async () => {
    using world = new World()
    world.write('in.csv', 'id,name\n1,one\n')
    world.write('items.csv', 'id,name\n9,nine\n')
    const config: ConfigInput = { syncs: { items: { from: './in.csv', to: './items.csv', mode: 'replace' } } }
    const run = await world.runOne(config)
    appendFileSync(world.path('items.csv'), '2,two\n')
    expect(await undo(world, run, config)).toMatchObject({
      status: 'failed',
      error: { code: 'CANNOT_UNDO', message: expect.stringContaining('others changed') },
    })
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n1,one\n2,two\n')
  })

  test('stays where what it replaced is not as it was kept', async () => {
    using world = new World()
    world.write('in.csv', 'id,name\n1,one\n')
    world.write('items.csv', 'id,name\n9,nine\n')
    const config: ConfigInput = { syncs: { items: { from: './in.csv', to: './items.csv', mode: 'replace' } } }
    const run = await world.runOne(config)
    const left = bytes(world, 'items.csv')
    appendFileSync(journals(world).find((file) => file.endsWith('.former')) ?? '', '8,eight\n')
    expect(await undo(world, run, config)).toMatchObject({
      status: 'failed',
      error: { code: 'CANNOT_UNDO', message: expect.stringContaining('is not kept as it was') },
    })
    expect(bytes(world, 'items.csv')).toEqual(left)
  })

  test('keeps who may read the file, also where it has to be made anew', async () => {
    using world = filled()
    const config = into('items.csv')
    const first = await world.runOne(config)
    chmodSync(world.path('items.csv'), 0o640)
    const gone = await undo(world, first, config)
    expect(existsSync(world.path('items.csv'))).toBe(false)
    await undo(world, gone, config)
    expect(statSync(world.path('items.csv')).mode & 0o777).toBe(0o640)
  })
})

describe('the journal of a file', () => {
  const small = (journal: NonNullable<Sync['journal']>) => into('items.csv', { journal })

  test('is readable by its owner alone, costs no copy where it lies in one file system, and no glob finds it', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    const { ino } = statSync(world.path('items.csv'))
    const run = await world.runOne(into('items.csv'))
    const files = journals(world)
    for (const file of files) expect([file, statSync(file).mode & 0o777]).toEqual([file, 0o600])
    const former = files.filter((file) => file.endsWith('.former'))
    expect(former.map((file) => statSync(file).ino)).toEqual([ino])
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0)
    expect(run.details.journal).toEqual({ bytes })
  })

  test('is a copy where the file has another name, through which others could change it', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    linkSync(world.path('items.csv'), world.path('other.csv'))
    const run = await world.runOne(into('items.csv'))
    appendFileSync(world.path('other.csv'), '8,eight\n')
    expect(await undo(world, run, into('items.csv'))).toMatchObject(succeeded)
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n9,nine\n')
  })

  test('takes no more room than it may', async () => {
    using world = filled()
    world.write('items.csv', `id,name\n9,${'nine'.repeat(1000)}\n`)
    const run = await world.runOne(small({ size: '2KB' }))
    expect(run.details.journal).toEqual({ none: 'the file that it replaced takes 4011 bytes, and `journal` allows 2000' })
    expect(journals(world)).toEqual([])
    expect(await undo(world, run, small({ size: '2KB' }))).toMatchObject({
      error: { message: expect.stringContaining('takes 4011 bytes') },
    })
  })

  test('of a commit that did not happen goes once that is known', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    const run = await world.watchOne(into('items.csv'), (phase) => {
      if (phase === 'committing') appendFileSync(world.path('items.csv'), '8,eight\n')
    })
    expect(run).toMatchObject({ status: 'failed', error: { code: 'TARGET_MOVED' } })
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n9,nine\n8,eight\n')
    expect(await world.runOne(into('items.csv'))).toMatchObject(succeeded)
    expect(journals(world).filter((file) => file.includes(run.id))).toEqual([])
  })

  test('holds for a run whose end its process did not live to note', async () => {
    using world = filled()
    world.write('items.csv', 'id,name\n9,nine\n')
    await world.run({ syncs: { other: { from: './a.db#items', to: './b.db#items', mode: 'mirror' } } })
    world.sqlite(
      '.syncline/state.db',
      `CREATE TRIGGER die BEFORE INSERT ON runs WHEN NEW.status = 'succeeded' BEGIN SELECT raise(ABORT, 'gone'); END`,
    )
    const run = await world.runOne(into('items.csv'))
    expect(run).toMatchObject({ status: 'failed' })
    expect(bytes(world, 'items.csv')?.toString()).toContain('two')
    world.sqlite('.syncline/state.db', 'DROP TRIGGER die')
    expect(await undo(world, run, into('items.csv'))).toMatchObject({ ...succeeded, counts: { inserted: 1, deleted: 2 } })
    expect(bytes(world, 'items.csv')?.toString()).toBe('id,name\n9,nine\n')
  })

  test('goes with `journal: off`, and with the room that later runs need', async () => {
    using world = filled()
    world.write('items.csv', `id,name\n9,${'nine'.repeat(300)}\n`)
    const first = await world.runOne(small({ size: '2KB' }))
    world.sqlite('a.db', `UPDATE items SET name = '${'x'.repeat(1200)}' WHERE id = 1`)
    await world.runOne(small({ size: '2KB' }))
    world.sqlite('a.db', `UPDATE items SET name = 'y' WHERE id = 1`)
    await world.runOne(small({ size: '2KB' }))
    expect(await undo(world, first, small({ size: '2KB' }))).toMatchObject({
      error: { message: expect.stringContaining('not kept any more') },
    })
    await world.runOne(small('off'))
    expect(journals(world)).toEqual([])
  })
})

test('an undo of a run that added a sheet leaves the other sheets of the book byte for byte', async () => {
  using world = filled()
  await world.runOne(into('book.xlsx#First'))
  const before = bytes(world, 'book.xlsx')
  const run = await world.runOne(into('book.xlsx#Second'))
  expect(bytes(world, 'book.xlsx')).not.toEqual(before)
  expect(await undo(world, run, into('book.xlsx#Second'))).toMatchObject(succeeded)
  expect(bytes(world, 'book.xlsx')).toEqual(before)
})

test('tables of one sync are taken back one by one', async () => {
  using world = filled()
  world.sqlite('a.db', 'CREATE TABLE others (id INTEGER PRIMARY KEY)', 'INSERT INTO others VALUES (7)')
  const config: ConfigInput = {
    connections: { a: './a.db', desk: '.' },
    syncs: { all: { from: 'a#*', to: 'desk#{table}.csv', mode: 'replace', guard: 'off' } },
  }
  const [items, others] = await world.run(config)
  const before = bytes(world, 'others.csv')
  expect(await undo(world, items as RunResult, config)).toMatchObject({ ...succeeded, sync: 'all/items' })
  expect([bytes(world, 'items.csv'), bytes(world, 'others.csv')]).toEqual([undefined, before])
  expect(await undo(world, others as RunResult, config)).toMatchObject({ ...succeeded, sync: 'all/others' })
  expect(bytes(world, 'others.csv')).toBeUndefined()
})
