import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

const config = (url: string, mode: Mode, from = './in.csv'): ConfigInput => ({
  connections: { a: './a.db', b: url },
  syncs: { t: { from, to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue' } },
})

const columns = {
  latin: 'varchar(9) CHARACTER SET latin1',
  old: 'varchar(9) CHARACTER SET utf8mb3',
  short: 'tinytext CHARACTER SET utf8mb4',
  three: 'binary(3)',
  padded: 'char(5) CHARACTER SET utf8mb4',
  mood: "enum('ok','so') CHARACTER SET utf8mb4",
  some: "set('a','b') CHARACTER SET utf8mb4",
}

/** One cell of every column that does not fit it, and one that does. */
const cells = {
  latin: ['日本', 'für'],
  old: ['😀', '日本'],
  short: ['ü'.repeat(200), 'ü'.repeat(100)],
  three: ['\\x61', '\\x616263'],
  padded: ['ab ', 'ab'],
  mood: ['OK', 'ok'],
  some: ['B', 'b,a'],
} as const

const names = Object.keys(cells) as readonly (keyof typeof cells)[]

needsMysql('texts that a column of MySQL would change or refuse', () => {
  const modes = ['upsert', 'mirror', 'append', 'replace'] as const
  test.each(modes.flatMap((mode) => ['./in.csv', 'a#t'].map((from) => [mode, from] as const)))(
    '%s from %s: the row is a reject that names the column, and the others are delivered',
    async (mode, from) => {
      await using database = await freshMysqlDatabase()
      await database.run(`CREATE TABLE t (id int PRIMARY KEY, ${names.map((name) => `${name} ${columns[name]} NULL`).join(', ')})`)
      using world = new World()
      const rows = [...names.map((bad) => names.map((name) => cells[name][name === bad ? 0 : 1])), names.map((name) => cells[name][1])]
      world.write('in.csv', [`id,${names}`, ...rows.map((row, id) => `${id},${row.map((cell) => `"${cell}"`)}`)].join('\n'))
      world.sqlite(
        'a.db',
        `CREATE TABLE t (id INTEGER PRIMARY KEY, ${names.map((name) => `${name} TEXT`)})`,
        ...rows.map((row, id) => `INSERT INTO t VALUES (${id}, ${row.map((cell) => `'${cell}'`)})`),
      )
      const run = config(database.url, mode, from)
      expect(await world.runOne(run)).toMatchObject({
        status: 'succeeded',
        error: null,
        counts: { read: 8, inserted: 1, rejected: names.length },
      })
      expect(await database.rows('SELECT id, latin, old, short, HEX(three), padded, mood, some FROM t')).toEqual([
        ['7', 'für', '日本', 'ü'.repeat(100), '616263', 'ab', 'ok', 'a,b'],
      ])
      const rejects = [...(await world.rejects(run))].sort((one, other) => Number(one.row.id) - Number(other.row.id))
      expect(rejects.map(({ row, column }) => [row.id, column])).toEqual(names.map((name, id) => [String(id), name]))
      if (mode === 'append') return
      expect((await world.plan(run)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0 })
    },
  )

  test('blanks that fill up a char of PostgreSQL are no part of its text', async () => {
    await using postgres = await freshDatabase()
    await using database = await freshMysqlDatabase()
    await postgres.run(
      'CREATE TABLE t (id int PRIMARY KEY, v char(5), w varchar(5))',
      "INSERT INTO t VALUES (1, 'ab', 'ab'), (2, 'ab', 'ab ')",
    )
    await database.run('CREATE TABLE t (id int PRIMARY KEY, v char(5), w char(5)) CHARSET utf8mb4')
    using world = new World()
    const run: ConfigInput = {
      connections: { a: postgres.url, b: database.url },
      syncs: { t: { from: 'a#t', to: 'b#t', mode: 'append', on_reject: 'continue' } },
    }
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, rejected: 1 } })
    expect((await world.rejects(run)).map(({ row, column }) => [row.id, column])).toEqual([['2', 'w']])
    expect(await database.rows('SELECT id, v FROM t')).toEqual([['1', 'ab']])
  })
})
