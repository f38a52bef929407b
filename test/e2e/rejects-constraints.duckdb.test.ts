import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { keylessReplaceLeavesOut } from './rejects-keyless.ts'
import { World } from './world.ts'

const config = (mode: Mode): ConfigInput => ({
  connections: { b: './b.duckdb' },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue' } },
})

/** Runs statements in the DuckDB file of the world, and gives the rows of the last. */
async function duckdb(world: World, ...statements: readonly string[]): Promise<readonly unknown[]> {
  const instance = await DuckDBInstance.create(world.path('b.duckdb'))
  const connection = await instance.connect()
  let rows: readonly unknown[] = []
  for (const statement of statements) rows = (await connection.runAndReadAll(statement)).getRowsJS()
  connection.closeSync()
  instance.closeSync()
  return rows
}

test.each(['upsert', 'mirror', 'append', 'replace'] as const)(
  '%s: what DuckDB would refuse stands alone, and the rest is delivered',
  async (mode) => {
    using world = new World()
    await duckdb(
      world,
      'CREATE TABLE parent (id INTEGER PRIMARY KEY)',
      'INSERT INTO parent VALUES (1), (2)',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER CHECK (net > 0), parent INTEGER REFERENCES parent, code TEXT UNIQUE)',
    )
    const good = Array.from({ length: 200 }, (_, index) => `${index + 100},1,1,good${index}`)
    world.write('in.csv', ['id,net,parent,code', ...good, '1,-1,1,a', '2,1,99,b', '3,1,1,good7', '4,,,', ''].join('\n'))
    const run = config(mode)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 204, inserted: 201, rejected: 3 } })
    const rejects = [...(await world.rejects(run))].sort((one, other) => Number(one.row.id) - Number(other.row.id))
    expect(rejects.map(({ row, reason, column, detail }) => [row.id, reason, column, detail.replace(/^constraint \S+: /, '')])).toEqual([
      ['1', 'constraint', 'net', 'a row does not pass the check'],
      ['2', 'constraint', 'parent', 'a row refers to one that is not there'],
      ['3', 'constraint', 'code', 'two rows share a value that must be unique'],
    ])
    if (mode === 'append' || mode === 'replace') return
    world.write('in.csv', ['id,net,parent,code', ...good, '1,1,1,a', '2,1,99,b', '4,,,', ''].join('\n'))
    expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, rejected: 1 })
  },
)

test('an update that is refused leaves its row as it was, and one that would take its value, too', async () => {
  using world = new World()
  await duckdb(
    world,
    'CREATE TABLE t (id INTEGER PRIMARY KEY, net INTEGER CHECK (net > 0), code TEXT UNIQUE)',
    "INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')",
  )
  world.write('in.csv', 'id,net,code\n1,-1,z\n2,2,a\n3,30,c\n4,4,b\n5,5,d\n')
  const run = config('mirror')
  expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, rejected: 3 } })
  expect(await duckdb(world, 'SELECT id, net, code FROM t ORDER BY id')).toEqual([
    [1, 1, 'a'],
    [2, 2, 'b'],
    [3, 30, 'c'],
    [5, 5, 'd'],
  ])
})

test('replace without a key: what is refused is left out, and the others arrive', async () => {
  using place = new World()
  await keylessReplaceLeavesOut({
    connection: place.path('b.duckdb'),
    run: async (...statements) => await duckdb(place, ...statements),
    rows: async (query) => (await duckdb(place, query)) as readonly (readonly unknown[])[],
  })
})
