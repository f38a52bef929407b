import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'
import type { ConfigInput, Mode } from '../../src/index.ts'
import { nullKeys, nullKeysGo } from './null-keys.ts'
import { World } from './world.ts'

const sync = (mode: Mode, more: object = {}): ConfigInput => ({
  syncs: { t: { from: './in.csv', to: './b.db#t', mode, guard: 'off', on_reject: 'continue', ...more } },
})

describe.each(['NOCASE', 'RTRIM'])('a SQLite key of COLLATE %s', (collation) => {
  const [one, other] = collation === 'NOCASE' ? ['Ada', 'ADA'] : ['Ada', 'Ada  ']

  test('is matched as the target takes it', async () => {
    using world = new World()
    world.sqlite('b.db', `CREATE TABLE t (k TEXT COLLATE ${collation} PRIMARY KEY, v TEXT)`, `INSERT INTO t VALUES ('${one}', 'old')`)
    world.write('in.csv', `k,v\n"${other}",new\n`)
    expect((await world.runOne(sync('mirror'))).counts).toMatchObject({ inserted: 0, updated: 1, deleted: 0, rejected: 0 })
    expect((await world.runOne(sync('mirror'))).counts).toMatchObject({ inserted: 0, updated: 0, deleted: 0, unchanged: 1 })
    expect(world.rows('b.db', 'SELECT v FROM t')).toEqual([['new']])
  })

  test.each(['append', 'replace', 'upsert', 'mirror'] as const)('rejects, by %s, every source row that shares one', async (mode) => {
    using world = new World()
    world.sqlite('b.db', `CREATE TABLE t (k TEXT COLLATE ${collation} PRIMARY KEY, v TEXT)`)
    world.write('in.csv', `k,v\n"${one}",1\n"${other}",2\nbob,3\n`)
    expect(await world.runOne(sync(mode))).toMatchObject({ error: null, counts: { read: 3, inserted: 1, rejected: 2 } })
    expect(world.rows('b.db', 'SELECT v FROM t')).toEqual([['3']])
  })
})

describe.each(['./b.db#t', './b.duckdb#t', './b.csv', './b.ndjson', './b.parquet'])('into %s', (to) => {
  test.each(['append', 'replace', 'upsert', 'mirror'] as const)(
    '%s: rows with a shared or missing key are rejects and count',
    async (mode) => {
      using world = new World()
      const config = sync(mode, { to, key: ['a', 'b'] })
      world.write('in.csv', 'a,b,v\n1,1,x\n1,2,y\n1,2,z\n2,,n\n')
      const result = await world.runOne(config)
      expect(result).toMatchObject({ error: null, counts: { read: 4, inserted: 1, rejected: 3 } })
      expect((await world.rejects(config)).map(({ reason }) => reason).sort()).toEqual(['duplicate key', 'duplicate key', 'null key'])
    },
  )
})

test('the same rows in another order are no difference', async () => {
  using world = new World()
  const rows = Array.from({ length: 500 }, (_, index) => `${index},v${index}`)
  world.write('in.csv', `id,v\n${rows.join('\n')}\n`)
  for (const to of ['./b.db#t', './b.duckdb#t', './b.csv', './b.parquet']) {
    const config = sync('mirror', { to, key: 'id' })
    world.write('in.csv', `id,v\n${rows.join('\n')}\n`)
    await world.runOne(config)
    world.write(
      'in.csv',
      `v,id\n${rows
        .map((row) => row.split(',').reverse().join(','))
        .reverse()
        .join('\n')}\n`,
    )
    expect([to, (await world.runOne(config)).counts]).toMatchObject([to, { inserted: 0, updated: 0, deleted: 0, unchanged: 500 }])
  }
})

test.each(['./b.db', './b.duckdb'])(
  'a mirror into %s deletes rows whose key is NULL, and says that it cannot be undone',
  async (connection) => {
    using world = new World()
    await prepareNullKeys(world, connection)
    await nullKeysGo(world, connection, 't')
  },
)

async function prepareNullKeys(world: World, connection: string): Promise<void> {
  if (connection.endsWith('.db')) return world.sqlite('b.db', ...nullKeys)
  const instance = await DuckDBInstance.create(world.path('b.duckdb'))
  const session = await instance.connect()
  for (const statement of nullKeys) await session.run(statement)
  session.closeSync()
  instance.closeSync()
}
