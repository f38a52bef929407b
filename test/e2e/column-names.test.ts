import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { World } from './world.ts'

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

const mirror = (to: string): ConfigInput => ({ syncs: { t: { from: './in.csv', to, mode: 'mirror', key: 'id', guard: 'off' } } })

// DuckDB knows rows by `rowid`, unless a column has that name.
test.each(['rowid', 'ROWID', 'place', 'number'])(
  'a mirror into DuckDB changes the rows that it names where a column is called %s',
  async (name) => {
    using world = new World()
    await duckdb(
      world,
      `CREATE TABLE t (id INTEGER PRIMARY KEY, "${name}" INTEGER, v TEXT, code TEXT UNIQUE)`,
      "INSERT INTO t VALUES (1, 7, 'a', 'x'), (2, 7, 'b', 'y'), (3, 7, 'c', 'z'), (4, 7, 'd', 'w')",
    )
    world.write('in.csv', `id,${name},v,code\n1,7,A,y\n2,7,b,x\n4,7,d,w\n5,7,e,v\n6,7,f,w\n`)
    const result = await world.runOne(mirror('./b.duckdb#t'))
    expect(result).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 2, deleted: 1, rejected: 1 } })
    expect(await duckdb(world, 'SELECT id, v, code FROM t ORDER BY id')).toEqual([
      [1, 'A', 'y'],
      [2, 'b', 'x'],
      [4, 'd', 'w'],
      [5, 'e', 'v'],
    ])
  },
)

test.each(['rowid', 'RowId', 'place', 'number', 'syncline_old'])(
  'a replace of rows without a key, on whose deletes a trigger of SQLite acts, keeps those that stay where a column is called %s',
  async (name) => {
    using world = new World()
    world.sqlite(
      'b.db',
      `CREATE TABLE t ("${name}" INTEGER, v TEXT)`,
      'CREATE TABLE gone (v TEXT)',
      'CREATE TRIGGER tells AFTER DELETE ON t BEGIN INSERT INTO gone VALUES (old.v); END',
      "INSERT INTO t VALUES (7, 'a'), (7, 'b'), (7, 'c'), (1, 'd'), (1, 'd')",
    )
    world.write('in.csv', `${name},v\n7,a\n7,b\n1,d\n1,d\n1,d\n2,e\n`)
    const replace: ConfigInput = { syncs: { t: { from: './in.csv', to: './b.db#t', mode: 'replace', guard: 'off' } } }
    expect(await world.runOne(replace)).toMatchObject({ status: 'succeeded', error: null })
    expect(world.rows('b.db', 'SELECT v FROM t ORDER BY v')).toEqual([['a'], ['b'], ['d'], ['d'], ['d'], ['e']])
    expect(world.rows('b.db', 'SELECT v FROM gone')).toEqual([['c']])
  },
)
