import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

/** A database of its own. Disposing drops it, whoever is still connected. */
export interface FreshDatabase extends AsyncDisposable {
  readonly url: string
}

/** Creates an empty UTF-8 database on the server of `SYNCLINE_TEST_POSTGRES`, or else on the embedded one. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const server = await serverUrl()
  const name = `syncline_test_${randomBytes(6).toString('hex')}`
  await execute(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => await execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function serverUrl(): Promise<string> {
  const named = process.env.SYNCLINE_TEST_POSTGRES
  if (named) return named
  const response = await fetch(inject('postgresDesk'))
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return answer
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
