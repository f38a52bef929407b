import { test } from 'vitest'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { undoIsTheIdentity } from './undo-law.ts'

test.skipIf(noMysql !== undefined)(
  'an undo of a run into MySQL is as if it had never been',
  async () => {
    await using database = await freshMysqlDatabase()
    await undoIsTheIdentity(database.url, (name) => name, 6)
  },
  120_000,
)
