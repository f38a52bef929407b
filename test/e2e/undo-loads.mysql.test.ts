import { expect, test } from 'vitest'
import { type ConfigInput, openSyncline } from '../../src/index.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { loadsAreUndone } from './undo-loads.ts'
import { World } from './world.ts'

test.skipIf(noMysql)(
  'a load into MySQL is taken back as it was, and others keep what they changed',
  async () => {
    await using database = await freshMysqlDatabase()
    const side = {
      connection: database.url,
      object: 't',
      prepare: async () =>
        await database.run(
          'DROP TABLE IF EXISTS t',
          'CREATE TABLE t (id bigint PRIMARY KEY, t longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin) ENGINE = InnoDB',
        ),
      content: async () => (await database.rows('SELECT id, t FROM t')).map(([id, text]) => ({ id: Number(id), text: text ?? null })),
      change: async (statements: readonly string[]) => await database.run("SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", ...statements),
    }
    await loadsAreUndone(side, 12)
  },
  120_000,
)

test.skipIf(noMysql !== undefined).each(['replaces it by another table', 'keeps its place'])(
  'an undo of rows without a key in MySQL, which %s, leaves what others changed as it went on',
  async (how) => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (a int, v varchar(20))', "INSERT INTO t VALUES (1, 'old'), (2, 'old')")
    if (how === 'keeps its place') await database.run('CREATE VIEW seen AS SELECT * FROM t')
    using world = new World()
    world.write('in.csv', 'a,v\n3,new\n')
    const append: ConfigInput = { connections: { b: database.url }, syncs: { t: { from: './in.csv', to: 'b#t', mode: 'append' } } }
    await using syncline = await openSyncline({ config: append, cwd: world.folder })
    const [run] = await syncline.run().results
    await using others = await database.connect()
    await others.run('BEGIN', "UPDATE t SET v = 'theirs' WHERE a = 1")
    const undo = syncline.undo(run?.id ?? '')
    for await (const event of undo.events) if (event.type === 'progress' && event.phase === 'applying') await others.run('COMMIT')
    expect(await undo.results).toMatchObject([{ status: 'failed', error: { code: 'MOVED' } }])
    expect(await database.rows('SELECT v FROM t ORDER BY a')).toEqual([['theirs'], ['old'], ['new']])
  },
)
