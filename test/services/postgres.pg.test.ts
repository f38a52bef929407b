import { Client } from 'pg'
import { expect, test } from 'vitest'
import { freshDatabase } from './postgres.ts'

test('a fresh database is UTF-8, empty, and gone afterwards', async () => {
  const { url, name } = await (async () => {
    await using database = await freshDatabase()
    const rows = await query(database.url, `select current_database() as name, current_setting('server_encoding') as encoding`)
    expect(rows).toEqual([{ name: expect.any(String), encoding: 'UTF8' }])
    expect(await query(database.url, `select 1 from pg_tables where schemaname = 'public'`)).toEqual([])
    return { url: database.url, name: String(rows[0]?.name) }
  })()
  await expect(query(url, 'select 1')).rejects.toThrow(name)
})

test('two databases know nothing of each other', async () => {
  await using one = await freshDatabase()
  await using other = await freshDatabase()
  await query(one.url, 'create table t (i int)')
  expect(await query(other.url, `select to_regclass('t') as t`)).toEqual([{ t: null }])
})

async function query(url: string, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const result = await client.query<Record<string, unknown>>(text)
    return result.rows
  } finally {
    await client.end()
  }
}
