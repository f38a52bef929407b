import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { keylessLoadsAreUndone, loadsAreUndone } from './undo-loads.ts'
import { World } from './world.ts'

test('a load into SQLite is taken back as it was, and others keep what they changed', async () => {
  using place = new World()
  const side = {
    connection: place.path('t.db'),
    object: 't',
    prepare: async () => place.sqlite('t.db', 'DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INTEGER PRIMARY KEY, t TEXT)'),
    content: async () => place.rows('t.db', 'SELECT id, t FROM t').map((row) => rowOf(row as readonly unknown[])),
    change: async (statements: readonly string[]) => place.sqlite('t.db', ...statements),
  }
  await loadsAreUndone(side, 25)
}, 120_000)

test('a load into DuckDB is taken back as it was, and others keep what they changed', async () => {
  using place = new World()
  const query = async (...statements: readonly string[]) => {
    const instance = await DuckDBInstance.create(place.path('t.duckdb'))
    const connection = await instance.connect()
    let rows: readonly (readonly unknown[])[] = []
    for (const statement of statements) rows = await (await connection.run(statement)).getRowsJS()
    connection.closeSync()
    instance.closeSync()
    return rows
  }
  const side = {
    connection: place.path('t.duckdb'),
    object: 't',
    prepare: async () => void (await query('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id BIGINT PRIMARY KEY, t TEXT)')),
    content: async () => (await query('SELECT id, t FROM t')).map(rowOf),
    change: async (statements: readonly string[]) => void (await query(...statements)),
  }
  await loadsAreUndone(side, 12)
}, 120_000)

test('a load of rows without a key into SQLite is taken back as a whole', async () => {
  using place = new World()
  const side = {
    connection: place.path('t.db'),
    object: 't',
    prepare: async () => place.sqlite('t.db', 'DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INTEGER, t TEXT)'),
    content: async () => place.rows('t.db', 'SELECT id, t FROM t').map((row) => rowOf(row as readonly unknown[])),
    change: async (statements: readonly string[]) => place.sqlite('t.db', ...statements),
  }
  await keylessLoadsAreUndone(side, 20)
}, 120_000)

test.each([
  ['with a key', 'id INTEGER PRIMARY KEY'],
  ['without a key', 'id INTEGER'],
])('cells of SQLite that are not what their columns say come back as they were: %s', async (_, id) => {
  using world = new World()
  const create = `CREATE TABLE t (${id}, n INTEGER, r REAL, b BLOB, x TEXT, d DATE, anything)`
  world.sqlite(
    'a.db',
    create,
    `INSERT INTO t VALUES (1, 1, 1.5, x'01', 'a', '2024-01-01', 'any'), (4, 4, 4, x'02', 'w', '2024-01-02', 'any')`,
  )
  world.sqlite(
    'b.db',
    create,
    `INSERT INTO t VALUES (1, 'abc', 1.5, 'a text', x'00ff', '2024-01-01', 5), (2, 5, 'xx', x'01', 't', 'no day', '5'),
      (3, 5.5, 2, NULL, 7, NULL, x'05'), (4, 4, 4.0, x'02', 'w', '2024-01-02', 5.0)`,
  )
  const cells = ['n', 'r', 'b', 'x', 'd', 'anything'].map((name) => `typeof(${name}), quote(${name})`)
  const content = () => world.rows('b.db', `SELECT id, ${cells.join(', ')} FROM t ORDER BY id`)
  const before = content()
  const config: ConfigInput = { syncs: { t: { from: './a.db#t', to: './b.db#t', mode: 'replace', guard: 'off' } } }
  const run = await world.runOne(config)
  expect(run).toMatchObject({ status: 'succeeded', details: { journal: { bytes: expect.any(Number) } } })
  await using syncline = await openSyncline({ config, cwd: world.folder })
  expect(await syncline.undo(run.id).results).toMatchObject([{ status: 'succeeded', error: null, counts: { rejected: 0 } }])
  expect(content()).toEqual(before)
})

function rowOf([id, text]: readonly unknown[]): { readonly id: number; readonly text: string | null } {
  return { id: Number(id), text: typeof text === 'string' ? text : null }
}
