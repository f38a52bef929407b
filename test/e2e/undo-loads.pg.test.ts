import { test } from 'vitest'
import { freshDatabase } from '../services/postgres.ts'
import { keylessLoadsAreUndone, loadsAreUndone } from './undo-loads.ts'

test('a load into PostgreSQL is taken back as it was, and others keep what they changed', async () => {
  await using database = await freshDatabase()
  const side = {
    connection: database.url,
    object: 'public.t',
    prepare: async () => await database.run('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id bigint PRIMARY KEY, t text)'),
    content: async () => (await database.rows('SELECT id, t FROM t')).map(([id, text]) => ({ id: Number(id), text: text ?? null })),
    change: async (statements: readonly string[]) => await database.run(...statements),
  }
  await loadsAreUndone(side, 12)
}, 120_000)

test('a load of rows without a key into PostgreSQL is taken back as a whole', async () => {
  await using database = await freshDatabase()
  const side = {
    connection: database.url,
    object: 'public.t',
    prepare: async () => await database.run('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id bigint, t text)'),
    content: async () => (await database.rows('SELECT id, t FROM t')).map(([id, text]) => ({ id: Number(id), text: text ?? null })),
    change: async (statements: readonly string[]) => await database.run(...statements),
  }
  await keylessLoadsAreUndone(side, 12)
}, 120_000)
