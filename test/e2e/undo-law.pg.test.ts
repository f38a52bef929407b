import { test } from 'vitest'
import { freshDatabase } from '../services/postgres.ts'
import { undoIsTheIdentity } from './undo-law.ts'

test('an undo of a run into PostgreSQL is as if it had never been', async () => {
  await using database = await freshDatabase()
  await undoIsTheIdentity(database.url, (name) => `public.${name}`, 6)
}, 120_000)
