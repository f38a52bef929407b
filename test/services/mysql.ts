import { randomBytes } from 'node:crypto'
import { type Connection, createConnection } from 'mysql2/promise'
import { inject } from 'vitest'
import { mariadbPrograms } from './private-mariadb.ts'

/** Why there is no MySQL here, or `undefined` where there is one. Tests that need it are skipped with this. */
export const noMysql: string | undefined =
  process.env.SYNCLINE_TEST_MYSQL || mariadbPrograms() ? undefined : 'needs SYNCLINE_TEST_MYSQL, or MariaDB installed on this machine'

/** Whose server it is: MySQL and MariaDB differ in what they hold. */
export const mysqlFlavor: 'mysql' | 'mariadb' = process.env.SYNCLINE_TEST_MYSQL
  ? await flavorOf(process.env.SYNCLINE_TEST_MYSQL)
  : 'mariadb'

/** A database of its own. Disposing drops it. */
export interface FreshMysqlDatabase extends AsyncDisposable {
  readonly url: string
  readonly name: string
  /** Runs statements, each by itself, in one session. */
  run(...statements: readonly string[]): Promise<void>
  /** The rows of a query, each cell as MySQL writes it, `null` for NULL. */
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>
  /** A session that stays open until it is disposed of. */
  connect(): Promise<OpenMysqlClient>
}

export interface OpenMysqlClient extends AsyncDisposable {
  run(...statements: readonly string[]): Promise<void>
  rows(query: string): Promise<readonly (readonly (string | null)[])[]>
}

/** Creates an empty database on the server of `SYNCLINE_TEST_MYSQL`, or else on a private one. @param named another server's URL. */
export async function freshMysqlDatabase(named?: string): Promise<FreshMysqlDatabase> {
  const server = named ?? (await mysqlServerUrl())
  const name = `syncline_test_${randomBytes(6).toString('hex')}`
  await execute(server, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
  const { href: url } = Object.assign(new URL(server), { pathname: `/${name}` })
  return {
    url,
    name,
    run: async (...statements) => {
      await using client = await open(url)
      await client.run(...statements)
    },
    rows: async (query) => {
      await using client = await open(url)
      return await client.rows(query)
    },
    connect: async () => await open(url),
    [Symbol.asyncDispose]: async () => await execute(server, `DROP DATABASE IF EXISTS ${name}`),
  }
}

/** A URL whose user may do everything. */
async function mysqlServerUrl(): Promise<string> {
  const named = process.env.SYNCLINE_TEST_MYSQL
  if (named) return named
  const response = await fetch(inject('mysqlDesk'))
  const answer = await response.text()
  if (!response.ok) throw new Error(answer)
  return answer
}

async function flavorOf(url: string): Promise<'mysql' | 'mariadb'> {
  await using client = await open(url)
  const [[version = ''] = []] = await client.rows('SELECT version()')
  return /mariadb/i.test(version ?? '') ? 'mariadb' : 'mysql'
}

async function execute(url: string, statement: string): Promise<void> {
  await using client = await open(url)
  await client.run(statement)
}

async function open(url: string): Promise<OpenMysqlClient> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const connection: Connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(pathname.length > 1 ? { database: decodeURIComponent(pathname.slice(1)) } : {}),
    charset: 'utf8mb4',
  })
  // A connection that the server ends while it is idle is no failure of a test.
  connection.on('error', () => {})
  await connection.query("SET time_zone = '+00:00'")
  return {
    run: async (...statements) => {
      for (const statement of statements) await connection.query(statement)
    },
    rows: async (query) => {
      const [rows] = await connection.query({
        sql: query,
        rowsAsArray: true,
        typeCast: (field) => (field.type === 'JSON' ? field.string('utf8') : field.string()),
      })
      return rows as unknown as readonly (readonly (string | null)[])[]
    },
    [Symbol.asyncDispose]: async () => await connection.end(),
  }
}
