import { test } from 'vitest'
import { undoIsTheIdentity } from './undo-law.ts'

test.each([
  ['SQLite', './target.db', (name: string) => name],
  ['DuckDB', './target.duckdb', (name: string) => name],
  ['CSV', '.', (name: string) => `${name}.csv`],
  ['Parquet', '.', (name: string) => `${name}.parquet`],
])(
  'an undo of a run into %s is as if it had never been',
  async (_, connection, object) => {
    await undoIsTheIdentity(connection, object, 5)
  },
  120_000,
)
