import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshSqlServerDatabase, noServer } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { World } from './world.ts'

const slow = { timeout: 300_000 }
const habits = await serverHabits()

const config = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue', ...more } },
})

describe.skipIf(noServer !== undefined)(`what SQL Server refuses${noServer === undefined ? '' : ` (${noServer})`}`, () => {
  test.each(['upsert', 'mirror', 'append', 'replace'] as const)('%s: stands alone, and the rest is delivered', slow, async (mode) => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      'CREATE TABLE parent (id int NOT NULL PRIMARY KEY)',
      'INSERT INTO parent VALUES (1), (2)',
      `CREATE TABLE t (id int NOT NULL PRIMARY KEY, net int CONSTRAINT positive CHECK (net > 0),
         parent int, code nvarchar(20) CONSTRAINT one_code UNIQUE,
         CONSTRAINT belongs FOREIGN KEY (parent) REFERENCES parent (id))`,
    )
    using world = new World()
    const good = Array.from({ length: 200 }, (_, index) => `${index + 100},1,1,good${index}`)
    world.write(
      'in.csv',
      ['id,net,parent,code', ...good.slice(0, 100), '1,-1,1,a', '2,1,99,b', '3,1,1,good7', ...good.slice(100)].join('\n'),
    )
    const run = config(database.url, mode)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 203, inserted: 200, rejected: 3 } })
    expect(await database.rows('SELECT COUNT(*), MIN(id) FROM t')).toEqual([[200, 100]])
    const rejects = [...(await world.rejects(run))].sort((one, other) => Number(one.row.id) - Number(other.row.id))
    expect(rejects.map(({ row, reason, detail }) => [row.id, reason, detail])).toEqual([
      ['1', 'constraint', expect.stringContaining('positive')],
      ['2', 'constraint', expect.stringContaining('belongs')],
      ['3', 'constraint', expect.stringContaining('one_code')],
    ])
    if (mode === 'append' || mode === 'replace') return
    world.write('in.csv', ['id,net,parent,code', ...good, '1,1,1,a', '2,1,99,b'].join('\n'))
    expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, rejected: 1 })
  })

  test('updates and deletes leave their rows as they were, and rows that refer to each other arrive', slow, async () => {
    await using database = await freshSqlServerDatabase()
    await database.run(
      `CREATE TABLE t (id int NOT NULL PRIMARY KEY, net int UNIQUE, boss int, CONSTRAINT unlucky CHECK (net <> 13),
         CONSTRAINT under FOREIGN KEY (boss) REFERENCES t (id))`,
      'INSERT INTO t (id, net) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)',
      'CREATE TABLE child (t int, CONSTRAINT of_t FOREIGN KEY (t) REFERENCES t (id))',
      'INSERT INTO child VALUES (5)',
    )
    using world = new World()
    const swapped = habits.judgesUniqueAtEnd ? ['1,2,', '2,1,'] : ['1,6,', '2,7,']
    world.write('in.csv', ['id,net,boss', ...swapped, '3,13,', '10,10,11', '11,11,12', '12,12,', '20,20,99'].join('\n'))
    const run = config(database.url, 'mirror')
    expect(await world.runOne(run)).toMatchObject({
      status: 'succeeded',
      error: null,
      counts: { inserted: 3, updated: 2, deleted: 1, rejected: 3 },
    })
    const changed = habits.judgesUniqueAtEnd ? [2, 1] : [6, 7]
    expect(await database.rows('SELECT id, net FROM t ORDER BY id')).toEqual([
      [1, changed[0]],
      [2, changed[1]],
      [3, 3],
      [5, 5],
      [10, 10],
      [11, 11],
      [12, 12],
    ])
    expect((await world.rejects(run)).map(({ row }) => row.id).sort()).toEqual(['20', '3', '5'])
  })

  test('a NULL, and a value that only SQL Server can judge, stand alone in a replace and in an append without a key', slow, async () => {
    await using database = await freshSqlServerDatabase()
    using world = new World()
    world.write('in.csv', ['id,name,net', '1,a,1', '2,,2', '3,𝄞𝄞,3', '4,b,-4', '5,c,5'].join('\n'))
    for (const mode of ['replace', 'append'] as const) {
      await database.run(
        'DROP TABLE IF EXISTS t',
        `CREATE TABLE t (id int${mode === 'replace' ? ' NOT NULL PRIMARY KEY' : ''}, name nvarchar(3) NOT NULL, net int CONSTRAINT positive CHECK (net > 0))`,
        'CREATE VIEW seen AS SELECT id FROM t',
      )
      const run = config(database.url, mode, mode === 'append' ? { key: undefined } : {})
      expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 2, rejected: 3 } })
      expect(await database.rows('SELECT id FROM t ORDER BY id')).toEqual([[1], [5]])
      const rejects = await world.rejects(run)
      // SQL Server names the column of a CHECK that is declared with it; not every server does.
      const told = rejects.map(({ row, reason, column }) => [row.id, row.name, reason, reason === 'constraint' ? undefined : column])
      expect(told.sort()).toEqual([
        ['2', null, 'not null', 'name'],
        ['3', '𝄞𝄞', expect.any(String), 'name'],
        ['4', 'b', 'constraint', undefined],
      ])
      await database.run('DROP VIEW seen')
    }
  })
})
