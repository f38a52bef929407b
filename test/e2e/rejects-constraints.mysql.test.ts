import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { keylessReplaceLeavesOut } from './rejects-keyless.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

const config = (url: string, mode: Mode, more: object = {}): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue', ...more } },
})

needsMysql('what MySQL refuses', () => {
  test.each(['upsert', 'mirror', 'append', 'replace'] as const)('%s: stands alone, and the rest is delivered', async (mode) => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE parent (id int PRIMARY KEY)')
    await database.run('INSERT INTO parent VALUES (1), (2)')
    await database.run(
      `CREATE TABLE t (id int PRIMARY KEY, net int, parent int, code varchar(20), CONSTRAINT positive CHECK (net > 0),
         CONSTRAINT belongs FOREIGN KEY (parent) REFERENCES parent (id), UNIQUE KEY one_code (code))`,
    )
    await database.run(
      "CREATE TRIGGER judge BEFORE INSERT ON t FOR EACH ROW IF NEW.code = 'banned' THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'banned'; END IF",
    )
    using world = new World()
    const good = Array.from({ length: 200 }, (_, index) => `${index + 100},1,1,good${index}`)
    world.write(
      'in.csv',
      ['id,net,parent,code', ...good.slice(0, 100), '1,-1,1,a', '2,1,99,b', '3,1,1,good7', '5,1,1,banned', ...good.slice(100)].join('\n'),
    )
    const run = config(database.url, mode)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { read: 204, inserted: 200, rejected: 4 } })
    expect(await database.rows('SELECT count(*), min(id) FROM t')).toEqual([['200', '100']])
    const rejects = [...(await world.rejects(run))].sort((one, other) => Number(one.row.id) - Number(other.row.id))
    expect(rejects.map(({ row, reason, detail }) => [row.id, reason, detail])).toEqual([
      ['1', 'constraint', expect.stringContaining('positive')],
      ['2', 'constraint', expect.stringContaining('belongs')],
      ['3', 'constraint', expect.stringContaining('one_code')],
      ['5', 'constraint', expect.stringContaining('trigger')],
    ])
    if (mode === 'append' || mode === 'replace') return
    world.write('in.csv', ['id,net,parent,code', ...good, '1,1,1,a', '2,1,99,b'].join('\n'))
    expect((await world.runOne(run)).counts).toMatchObject({ inserted: 1, updated: 0, deleted: 0, rejected: 1 })
  })

  test('updates and deletes leave their rows as they were; rows that refer to each other and values that are swapped arrive', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      'CREATE TABLE t (id int PRIMARY KEY, net int UNIQUE, boss int, CHECK (net <> 13), FOREIGN KEY (boss) REFERENCES t (id))',
    )
    await database.run('INSERT INTO t (id, net) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)')
    await database.run('CREATE TABLE child (t int REFERENCES t (id), FOREIGN KEY (t) REFERENCES t (id))')
    await database.run('INSERT INTO child VALUES (5)')
    using world = new World()
    world.write('in.csv', 'id,net,boss\n1,2,\n2,1,\n3,13,\n10,10,11\n11,11,12\n12,12,\n20,20,99\n')
    const run = config(database.url, 'mirror')
    expect(await world.runOne(run)).toMatchObject({
      status: 'succeeded',
      error: null,
      counts: { inserted: 3, updated: 2, deleted: 1, rejected: 3 },
    })
    expect(await database.rows('SELECT id, net FROM t ORDER BY id')).toEqual([
      ['1', '2'],
      ['2', '1'],
      ['3', '3'],
      ['5', '5'],
      ['10', '10'],
      ['11', '11'],
      ['12', '12'],
    ])
    expect((await world.rejects(run)).map(({ row }) => row.id).sort()).toEqual(['20', '3', '5'])
  })

  test('replace without a key: what is refused is left out, and the others arrive', async () => {
    await using database = await freshMysqlDatabase()
    await keylessReplaceLeavesOut({
      connection: database.url,
      run: async (...statements) => await database.run(...statements),
      rows: async (query) => await database.rows(query),
    })
  })

  test('a replace of many tables names the one without a key and the way out where a row is refused', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (v int, CONSTRAINT positive CHECK (v > 0))', 'INSERT INTO t VALUES (7)')
    using world = new World()
    world.sqlite('a.db', 'CREATE TABLE t (v INTEGER)', 'INSERT INTO t VALUES (1), (-2)')
    const { error } = await world.runOne({
      connections: { a: './a.db', b: database.url },
      syncs: { t: { from: 'a#*', to: 'b#{table}', mode: 'replace', guard: 'off', on_reject: 'continue' } },
    })
    expect(error).toMatchObject({
      code: 'ROW_REFUSED',
      message: expect.stringMatching(/^`t` .*constraint positive/),
      hint: expect.stringContaining('`key`'),
    })
    expect(error?.message).not.toMatch(/_syncline|-2/)
    expect(await database.rows('SELECT v FROM t')).toEqual([['7']])
  })
})
