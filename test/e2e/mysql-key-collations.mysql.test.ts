import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

const config = (url: string, mode: Mode): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue' } },
})

const create = 'CREATE TABLE t (id varchar(20) PRIMARY KEY, v int) CHARSET utf8mb4 COLLATE utf8mb4_general_ci'

needsMysql('keys that a collation of MySQL takes as equal past case and blanks', () => {
  test('meet the row that is there: rejects that say so, run after run, and the others are delivered', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(create, "INSERT INTO t VALUES ('resume', 1), ('zoe', 1)")
    using world = new World()
    world.write('in.csv', 'id,v\nrésumé,2\nresume,2\nzoë,2\nnew,2\n')
    const run = config(database.url, 'upsert')
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 1, updated: 1, rejected: 2 } })
    const left = [
      ['new', '2'],
      ['resume', '2'],
      ['zoe', '1'],
    ]
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual(left)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 0, updated: 0, rejected: 2 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual(left)
    const rejects = await world.rejects(run)
    expect(rejects.map(({ row }) => row.id)).toEqual(expect.arrayContaining(['résumé', 'zoë']))
    for (const { reason, detail } of rejects) {
      expect(reason).toBe('duplicate key')
      expect(detail).toContain('(id)')
      expect(detail).not.toMatch(/others changed|trigger/)
    }
  })

  test.each(['upsert', 'mirror', 'append', 'replace'] as const)('%s: all that share a key are rejects, the others arrive', async (mode) => {
    await using database = await freshMysqlDatabase()
    await database.run(create)
    using world = new World()
    world.write('in.csv', 'id,v\nrésumé,2\nresume,2\n😀,3\n😎,4\nzoë,2\nnew,2\n')
    const run = config(database.url, mode)
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 2, rejected: 4 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['new', '2'],
      ['zoë', '2'],
    ])
    const rejects = await world.rejects(run)
    expect(rejects.map(({ row }) => row.id).sort()).toEqual(['resume', 'résumé', '😀', '😎'].sort())
    expect(new Set(rejects.map(({ reason }) => reason))).toEqual(new Set(['duplicate key']))
  })

  test('a mirror gives a row the spelling of the source, and meets case as it did', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(create, "INSERT INTO t VALUES ('zoe', 1), ('Anna', 1), ('gone', 1)")
    using world = new World()
    world.write('in.csv', 'id,v\nzoë,2\nanna,2\n')
    const run = config(database.url, 'mirror')
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { rejected: 0 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['anna', '2'],
      ['zoë', '2'],
    ])
    expect((await world.plan(run)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, rejected: 0 })
  })
})
