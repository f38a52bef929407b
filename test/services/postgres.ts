import { Client } from 'pg'
import { inject } from 'vitest'
import { type FreshDatabase, freshDatabaseOn, type OpenClient, serverUrl } from './fresh-database.ts'

/** Creates an empty UTF-8 database on the server of `SYNCLINE_TEST_POSTGRES`, or else on the embedded one. @param named another server's URL. */
export async function freshDatabase(named = process.env.SYNCLINE_TEST_POSTGRES): Promise<FreshDatabase> {
  return await freshDatabaseOn({
    url: await serverUrl(named, () => inject('postgresDesk')),
    open,
    create: (name) => `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`,
    drop: (name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
  })
}

async function open(url: string): Promise<OpenClient> {
  const client = new Client({ connectionString: url, types: { getTypeParser: () => (text: string) => text } })
  // A connection that the server ends while it is idle is no failure of a test.
  client.on('error', () => {})
  await client.connect()
  return {
    run: async (...statements) => {
      for (const statement of statements) await client.query(statement)
    },
    rows: async (query) => (await client.query<(string | null)[]>({ text: query, rowMode: 'array' })).rows,
    [Symbol.asyncDispose]: async () => await client.end(),
  }
}
