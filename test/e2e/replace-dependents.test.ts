import { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import { seenMeanwhile } from './polling.ts'
import { World } from './world.ts'

const config = (mode: 'replace' | 'mirror'): ConfigInput => ({
  syncs: { t: { from: './in.csv', to: './b.db#t', mode, key: 'id', guard: 'off' } },
})

test.each(['replace', 'mirror'] as const)(
  '%s into a SQLite table keeps what hangs on it and the children of rows that stay',
  async (mode) => {
    using world = new World()
    world.sqlite(
      'b.db',
      'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE, own TEXT DEFAULT 1)',
      "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')",
      'CREATE INDEX by_own ON t (own)',
      'CREATE VIEW seen AS SELECT v FROM t',
      'CREATE TABLE child (t INTEGER REFERENCES t ON DELETE CASCADE, note TEXT)',
      "INSERT INTO child VALUES (1, 'one'), (2, 'two'), (3, 'three')",
      'CREATE TABLE log (what TEXT)',
      "CREATE TRIGGER gone AFTER DELETE ON t BEGIN INSERT INTO log VALUES ('delete ' || OLD.id); END",
      "CREATE TRIGGER changed AFTER UPDATE ON t BEGIN INSERT INTO log VALUES ('update ' || OLD.id); END",
    )
    const schemaOf = () =>
      world.rows('b.db', "SELECT sql FROM sqlite_schema WHERE tbl_name NOT LIKE '\\_syncline%' ESCAPE '\\' ORDER BY name")
    const schema = schemaOf()
    world.write('in.csv', 'id,v\n1,a\n2,changed\n4,d\n')
    expect(await world.runOne(config(mode))).toMatchObject({ status: 'succeeded' })
    expect(schemaOf()).toEqual(schema)
    expect(world.rows('b.db', 'SELECT * FROM t ORDER BY id')).toEqual([
      [1n, 'a', 'x'],
      [2n, 'changed', 'y'],
      [4n, 'd', '1'],
    ])
    expect(world.rows('b.db', 'SELECT note FROM child ORDER BY t')).toEqual([['one'], ['two']])
    expect(world.rows('b.db', 'SELECT * FROM log ORDER BY what')).toEqual([['delete 3'], ['update 2']])
    expect(world.rows('b.db', 'SELECT count(*) FROM seen')).toEqual([[3n]])
  },
)

test.each([
  ['by itself', []],
  ['on which rows of others hang', ['CREATE TABLE child (t INTEGER REFERENCES t)']],
])('readers see a SQLite table %s before or after a replace, and never between; numbers given out stay so', async (_, more) => {
  using world = new World()
  world.sqlite(
    'b.db',
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT)',
    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i, 'old' FROM n",
    "INSERT INTO t VALUES (9000, 'old')",
    ...more,
  )
  world.write('in.csv', `id,v\n${Array.from({ length: 5_000 }, (_one, id) => `${id + 1},new`).join('\n')}\n`)
  using reader = new DatabaseSync(world.path('b.db'))
  const query = reader.prepare('SELECT count(*) AS n, min(v) AS least, max(v) AS most FROM t')
  const look = async () => {
    await setImmediate()
    const { n, least, most } = query.get() as Record<string, unknown>
    return `${n} ${least} ${most}`
  }
  const seen = await seenMeanwhile(look, world.runOne(config('replace')))
  expect([...new Set(seen)]).toEqual(['901 old old', '5000 new new'])
  expect(world.rows('b.db', "SELECT seq FROM sqlite_sequence WHERE name = 't'")).toEqual([[9000n]])
})

test('statistics of a SQLite table that has some fit what a replace loaded', async () => {
  using world = new World()
  const rows = (count: number) => `id,v\n${Array.from({ length: count }, (_, id) => `${id},${id % 4}`).join('\n')}\n`
  world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', 'CREATE INDEX by_v ON t (v)')
  world.write('in.csv', rows(10))
  await world.runOne(config('replace'))
  expect(world.rows('b.db', "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'")).toEqual([[0n]])
  world.sqlite('b.db', 'ANALYZE')
  world.write('in.csv', rows(400))
  await world.runOne(config('replace'))
  expect(world.rows('b.db', "SELECT stat FROM sqlite_stat1 WHERE tbl = 't' AND idx = 'by_v'")).toEqual([['400 100']])
})
