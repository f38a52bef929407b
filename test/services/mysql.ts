import { type Connection, createConnection } from 'mysql2/promise'
import { inject } from 'vitest'
import { type FreshDatabase, freshDatabaseOn, type OpenClient, serverUrl } from './fresh-database.ts'
import { mariadbPrograms } from './private-mariadb.ts'

/** Why there is no MySQL here, or `undefined` where there is one. Tests that need it are skipped with this. */
export const noMysql: string | undefined =
  process.env.SYNCLINE_TEST_MYSQL || mariadbPrograms() ? undefined : 'needs SYNCLINE_TEST_MYSQL, or MariaDB installed on this machine'

/** Whose server it is: MySQL and MariaDB differ in what they hold. */
export const mysqlFlavor: 'mysql' | 'mariadb' = process.env.SYNCLINE_TEST_MYSQL
  ? await flavorOf(process.env.SYNCLINE_TEST_MYSQL)
  : 'mariadb'

/** Creates an empty database on the server of `SYNCLINE_TEST_MYSQL`, or else on a private one. @param named another server's URL. */
export async function freshMysqlDatabase(named = process.env.SYNCLINE_TEST_MYSQL): Promise<FreshDatabase> {
  return await freshDatabaseOn({
    url: await serverUrl(named, () => inject('mysqlDesk')),
    open,
    create: (name) => `CREATE DATABASE ${name} CHARACTER SET utf8mb4`,
    drop: (name) => `DROP DATABASE IF EXISTS ${name}`,
  })
}

async function flavorOf(url: string): Promise<'mysql' | 'mariadb'> {
  await using client = await open(url)
  const [[version = ''] = []] = await client.rows('SELECT version()')
  return /mariadb/i.test(version ?? '') ? 'mariadb' : 'mysql'
}

async function open(url: string): Promise<OpenClient> {
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
