import { DuckDBInstance } from '@duckdb/node-api'
import { test } from 'vitest'
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

function rowOf([id, text]: readonly unknown[]): { readonly id: number; readonly text: string | null } {
  return { id: Number(id), text: typeof text === 'string' ? text : null }
}
