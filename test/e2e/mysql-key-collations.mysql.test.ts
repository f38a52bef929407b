import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { nullKeys, nullKeysGo } from './null-keys.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

const config = (url: string, mode: Mode): ConfigInput => ({
  connections: { b: url },
  syncs: { t: { from: './in.csv', to: 'b#t', mode, key: 'id', guard: 'off', on_reject: 'continue' } },
})

const create = 'CREATE TABLE t (id varchar(20) PRIMARY KEY, v int) CHARSET utf8mb4 COLLATE utf8mb4_general_ci'

/** What a plan says is what the run after it does, and it finds the same rejects. */
async function runAsPlanned(world: World, run: ConfigInput) {
  const { counts } = await world.plan(run)
  const result = await world.runOne(run)
  expect(result.counts).toEqual(counts)
  return result
}

needsMysql('keys that a collation of MySQL takes as equal past case and blanks', () => {
  test('meet the row that is there; those of the source that are one are rejects, run after run', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(create, "INSERT INTO t VALUES ('resume', 1), ('zoe', 1)")
    using world = new World()
    world.write('in.csv', 'id,v\nrésumé,2\nresume,2\nzoë,2\nnew,2\n')
    const run = config(database.url, 'upsert')
    expect(await runAsPlanned(world, run)).toMatchObject({
      status: 'succeeded',
      error: null,
      counts: { inserted: 1, updated: 1, rejected: 2 },
    })
    const left = [
      ['new', '2'],
      ['resume', '1'],
      ['zoë', '2'],
    ]
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual(left)
    expect(await runAsPlanned(world, run)).toMatchObject({ error: null, counts: { inserted: 0, updated: 0, rejected: 2 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual(left)
    const rejects = await world.rejects(run)
    expect(rejects.map(({ row }) => row.id)).toEqual(expect.arrayContaining(['résumé', 'resume']))
    for (const { reason, detail } of rejects) {
      expect(reason).toBe('duplicate key')
      expect(detail).toContain('same id')
      expect(detail).not.toMatch(/others changed|trigger/)
    }
  })

  test.each(['upsert', 'mirror', 'append', 'replace'] as const)('%s: all that share a key are rejects, the others arrive', async (mode) => {
    await using database = await freshMysqlDatabase()
    await database.run(create)
    using world = new World()
    world.write('in.csv', 'id,v\nrésumé,2\nresume,2\n😀,3\n😎,4\nzoë,2\nnew,2\n')
    const run = config(database.url, mode)
    expect(await runAsPlanned(world, run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 2, rejected: 4 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['new', '2'],
      ['zoë', '2'],
    ])
    const rejects = await world.rejects(run)
    expect(rejects.map(({ row }) => row.id).sort()).toEqual(['resume', 'résumé', '😀', '😎'].sort())
    expect(new Set(rejects.map(({ reason }) => reason))).toEqual(new Set(['duplicate key']))
  })

  test('a reject keeps the row that is there, however its key is spelled, where only the target has letters past ASCII', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(create, "INSERT INTO t VALUES ('ada', 1), ('zoë', 1), ('gone', 1)")
    using world = new World()
    world.write('in.csv', 'id,v\nADA,unreadable\nnew,2\n')
    expect(await runAsPlanned(world, config(database.url, 'mirror'))).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 1, updated: 0, deleted: 2, rejected: 1 },
    })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['ada', '1'],
      ['new', '2'],
    ])
  })

  test('of many tables that are read side by side are asked about each for itself', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    const keys = 300
    for (const name of ['t0', 't1', 't2', 't3', 't4', 't5']) {
      const rows = (key: (n: number) => string) => Array.from({ length: keys }, (_, n) => `('${key(n)}', 'é${name}${n}')`).join(', ')
      await database.run(
        `CREATE TABLE ${name} (id varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, word varchar(20) CHARSET latin1 COLLATE latin1_bin)`,
        `INSERT INTO ${name} VALUES ${rows((n) => `zoë${name}${n}`)}`,
      )
      world.sqlite(
        'a.db',
        `CREATE TABLE ${name} (id TEXT PRIMARY KEY, word TEXT)`,
        `INSERT INTO ${name} VALUES ${rows((n) => `ZOE${name}${n}`)}`,
      )
    }
    const run: ConfigInput = {
      connections: { a: './a.db', b: database.url },
      syncs: { t: { from: 'a#*', to: 'b#{table}', mode: 'mirror', key: 'id', guard: 'off', parallel: 4 } },
    }
    const respelled = { inserted: 0, updated: keys, deleted: 0, rejected: 0 }
    const results = await world.run(run)
    expect(results.map(({ error, counts }) => ({ error, counts }))).toMatchObject(new Array(6).fill({ error: null, counts: respelled }))
    const again = await world.run(run)
    expect(again.map(({ error, counts }) => ({ error, counts }))).toMatchObject(
      new Array(6).fill({ error: null, counts: { inserted: 0, updated: 0, deleted: 0, unchanged: keys } }),
    )
  })

  test('letters of a language, also where all keys are plain ASCII', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      'CREATE TABLE t (id varchar(20) PRIMARY KEY, v int) CHARSET utf8mb4 COLLATE utf8mb4_danish_ci',
      "INSERT INTO t VALUES ('å', 1)",
    )
    using world = new World()
    world.write('in.csv', 'id,v\naa,2\nAAb,2\nÅb,2\nab,2\n')
    const run = config(database.url, 'mirror')
    expect(await runAsPlanned(world, run)).toMatchObject({ error: null, counts: { inserted: 1, updated: 1, deleted: 0, rejected: 2 } })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['ab', '2'],
      ['aa', '2'],
    ])
  })

  test('a mirror gives a row the spelling of the source, and meets case as it did', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(create, "INSERT INTO t VALUES ('zoe', 1), ('Anna', 1), ('gone', 1)")
    using world = new World()
    world.write('in.csv', 'id,v\nzoë,2\nanna,2\n')
    const run = config(database.url, 'mirror')
    expect(await runAsPlanned(world, run)).toMatchObject({
      status: 'succeeded',
      error: null,
      counts: { inserted: 0, updated: 2, deleted: 1, rejected: 0 },
    })
    expect(await database.rows('SELECT id, v FROM t ORDER BY id')).toEqual([
      ['anna', '2'],
      ['zoë', '2'],
    ])
    expect((await world.plan(run)).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, rejected: 0 })
  })

  test('keys of many columns, of padded and of old character sets, read back as a whole', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      'CREATE TABLE t (id char(9), n int, o varchar(9) CHARACTER SET latin1, v int, PRIMARY KEY (id, n, o)) CHARSET utf8mb4 COLLATE utf8mb4_general_ci',
      "INSERT INTO t VALUES ('resume', 1, 'x', 1), ('resume', 2, 'x', 1), ('a', 1, 'thé', 1), ('B', 1, 'x', 1)",
    )
    using world = new World()
    world.write('in.csv', 'id,n,o,v\nrésumé,1,x,2\nresume,2,x,2\na,1,the,2\nb,1,X,2\né,1,e,2\ne,1,é,2\né,2,é,2\nq,1,日,2\n')
    const { connections, syncs } = config(database.url, 'upsert')
    const run = { connections, syncs: { t: { ...syncs?.t, key: ['id', 'n', 'o'], verify: 'full' } } } as ConfigInput
    expect(await runAsPlanned(world, run)).toMatchObject({
      status: 'succeeded',
      error: null,
      counts: { inserted: 1, updated: 4, rejected: 3 },
    })
    const reasons = (await world.rejects(run)).map(({ row, reason }) => `${row.id} ${row.n} ${row.o}: ${reason}`)
    expect(reasons.sort()).toEqual(['é 1 e: duplicate key', 'e 1 é: duplicate key', 'q 1 日: value'].sort())
    expect(await world.runOne(run)).toMatchObject({ status: 'succeeded', error: null, counts: { inserted: 0, updated: 0, rejected: 3 } })
  })
})

test.skipIf(noMysql !== undefined)('a mirror into MySQL deletes rows whose key is NULL, and says that it cannot be undone', async () => {
  await using database = await freshMysqlDatabase()
  await database.run(...nullKeys)
  using world = new World()
  await nullKeysGo(world, database.url, 't')
})
