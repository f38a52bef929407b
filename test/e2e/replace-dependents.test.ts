import { expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
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
