import { expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { keylessReplaceLeavesOut } from './rejects-keyless.ts'
import { World } from './world.ts'

const config = (mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: './b.db' },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue', ...more } },
})

async function rejected(world: World, run: ConfigInput) {
  const rejects = await world.rejects(run)
  return rejects.map(({ row, reason, detail }) => [row.id, reason, detail]).sort((one, other) => Number(one[0]) - Number(other[0]))
}

test.each(['upsert', 'mirror', 'append', 'replace'] as const)(
  '%s: what SQLite refuses stands alone, and the rest is delivered',
  async (mode) => {
    using world = new World()
    world.sqlite(
      'b.db',
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'INSERT INTO parent VALUES (1), (2)',
      `CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER CONSTRAINT positive CHECK (net > 0), parent INTEGER REFERENCES parent,
       code TEXT UNIQUE)`,
      "CREATE TRIGGER judge BEFORE INSERT ON t WHEN NEW.code = 'banned' BEGIN SELECT RAISE(ABORT, 'the code is banned'); END",
    )
    const good = Array.from({ length: 200 }, (_, index) => `${index + 100},1,1,good${index}`)
    world.write(
      'in.csv',
      ['id,net,parent,code', ...good.slice(0, 100), '1,-1,1,a', '2,1,99,b', '3,1,1,good7', '5,1,1,banned', ...good.slice(100)].join('\n'),
    )
    const run = config(mode)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 204, inserted: 200, rejected: 4 } })
    expect(world.rows('b.db', 'SELECT count(*), min(id) FROM t')).toEqual([[200n, 100n]])
    expect(await rejected(world, run)).toEqual([
      ['1', 'constraint', expect.stringContaining('positive')],
      ['2', 'constraint', 'a row refers to one that is not there, or is referred to'],
      ['3', 'constraint', expect.stringContaining('t.code')],
      ['5', 'constraint', 'a trigger raised an error of its own'],
    ])
    expect((await world.rejects(run)).find(({ row }) => row.id === '5')?.answer).toBe('the code is banned')
    if (mode === 'append' || mode === 'replace') return
    world.write('in.csv', ['id,net,parent,code', ...good, '1,1,1,a', '2,1,99,b'].join('\n'))
    expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, rejected: 1 })
  },
)

test('replace: a row that the stage sets aside is told once where the target refuses another', async () => {
  using world = new World()
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, net INTEGER CONSTRAINT positive CHECK (net > 0))')
  world.write('in.csv', 'id,name,net\n1,a,1\n2,,2\n4,b,-4\n')
  const run = config('replace')
  expect(await world.runOne(run)).toMatchObject({ error: null, counts: { read: 3, inserted: 1, rejected: 2 } })
  expect(await rejected(world, run)).toEqual([
    ['2', 'not null', expect.stringContaining('name')],
    ['4', 'constraint', expect.stringContaining('positive')],
  ])
})

const tree = [
  'CREATE TABLE t (id INTEGER PRIMARY KEY, place INTEGER NOT NULL UNIQUE CHECK (place <> 13), boss INTEGER REFERENCES t)',
  'INSERT INTO t (id, place) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)',
  'CREATE TABLE child (t INTEGER REFERENCES t)',
  'INSERT INTO child VALUES (5)',
]

test('updates and deletes leave their rows as they were; rows that refer to each other and values that are swapped arrive', async () => {
  using world = new World()
  world.sqlite('b.db', ...tree)
  world.write('in.csv', 'id,place,boss\n1,2,\n2,1,\n3,13,\n10,10,11\n11,11,12\n12,12,\n20,20,99\n21,21,20\n')
  const run = config('mirror')
  expect(await world.runOne(run)).toMatchObject({
    status: 'succeeded',
    error: null,
    counts: { inserted: 3, updated: 2, deleted: 1, rejected: 4 },
  })
  expect(world.rows('b.db', 'SELECT id, place FROM t ORDER BY id')).toEqual([
    [1n, 2n],
    [2n, 1n],
    [3n, 3n],
    [5n, 5n],
    [10n, 10n],
    [11n, 11n],
    [12n, 12n],
  ])
  expect((await rejected(world, run)).map(([id]) => id)).toEqual(['3', '5', '20', '21'])
})

test('rows that refer to each other in a circle arrive, beside a reference that was broken before', async () => {
  using world = new World()
  world.sqlite('b.db', ...tree, 'PRAGMA foreign_keys = OFF; INSERT INTO child VALUES (77)')
  const rows = Array.from({ length: 500 }, (_, index) => `${index + 100},${index + 100},${index === 499 ? 100 : index + 101}`)
  world.write('in.csv', `id,place,boss\n${rows.join('\n')}\n`)
  expect(await world.runOne(config('upsert'))).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 500, rejected: 0 } })
})

test('`on_reject: stop` rolls everything back and keeps the rows', async () => {
  using world = new World()
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER CHECK (net > 0))')
  world.write('in.csv', 'id,net\n1,1\n2,-1\n3,3\n')
  const run = config('upsert', { on_reject: 'stop' })
  expect(await world.runOne(run)).toMatchObject({ status: 'failed', error: { code: 'REJECTS' } })
  expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([])
  expect(await rejected(world, run)).toEqual([['2', 'constraint', expect.stringContaining('CHECK')]])
})

test('replace without a key: what is refused is left out, and the others arrive', async () => {
  using place = new World()
  await keylessReplaceLeavesOut({
    connection: place.path('b.db'),
    run: async (...statements) => place.sqlite('b.db', ...statements),
    rows: async (query) => place.rows('b.db', query) as readonly (readonly unknown[])[],
  })
})
