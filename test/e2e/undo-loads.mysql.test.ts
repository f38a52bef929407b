import { test } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { loadsAreUndone } from './undo-loads.ts'

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
