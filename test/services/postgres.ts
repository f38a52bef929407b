import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'

/** A database of its own. Disposing drops it, whoever is still connected. */
export interface FreshDatabase extends AsyncDisposable {
  readonly url: string
  /** Runs statements, each in a transaction of its own. */
  run(...statements: readonly string[]): Promise<void>
  /** The rows of a query, each cell as PostgreSQL writes it, `null` for NULL. */
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>
  /** A connection that stays open until it is disposed of. */
  connect(): Promise<OpenClient>
}

export interface OpenClient extends AsyncDisposable {
  run(...statements: readonly string[]): Promise<void>
  /** As those of a database. */
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>
}

/** Creates an empty UTF-8 database on the server of `SYNCLINE_TEST_POSTGRES`, or else on the embedded one. @param named another server's URL. */
export async function freshDatabase(named?: string): Promise<FreshDatabase> {
  const server = named ?? (await serverUrl())
  const name = `syncline_test_${randomBytes(6).toString('hex')}`
  await execute(server, `CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`)
  const { href: url } = Object.assign(new URL(server), { pathname: `/${name}` })
  return {
    url,
    run: async (...statements) => {
      await using client = await open(url)
      await client.run(...statements)
    },
    rows: async (query) => {
      await using client = await open(url)
      return await client.rows(query)
    },
    connect: async () => await open(url),
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
  await using client = await open(url)
  await client.run(statement)
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
