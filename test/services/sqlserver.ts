import { randomBytes } from 'node:crypto'
import { Connection, Request } from 'tedious'

/** Why live tests of SQL Server are skipped, `undefined` where a server is named. */
export const noServer: string | undefined =
  process.env.SYNCLINE_TEST_SQLSERVER === undefined
    ? 'no server is named in SYNCLINE_TEST_SQLSERVER, sqlserver://user:password@host:port/master'
    : undefined

/** A database of its own. Disposing drops it. */
export interface FreshSqlServerDatabase extends AsyncDisposable {
  readonly url: string
  /** Runs batches, each in a transaction of its own. */
  run(...statements: readonly string[]): Promise<void>
  /** The rows of a query, cells as the driver hands them over. */
  rows(query: string): Promise<readonly (readonly unknown[])[]>
  /** A connection that stays open until it is disposed of. */
  connect(): Promise<OpenConnection>
}

export interface OpenConnection extends AsyncDisposable {
  run(...statements: readonly string[]): Promise<void>
  rows(query: string): Promise<readonly (readonly unknown[])[]>
}

/** Creates an empty database on the server of `SYNCLINE_TEST_SQLSERVER`, with snapshot isolation. */
export async function freshSqlServerDatabase(): Promise<FreshSqlServerDatabase> {
  const server = process.env.SYNCLINE_TEST_SQLSERVER
  if (server === undefined) throw new Error(noServer)
  const name = `syncline_test_${randomBytes(6).toString('hex')}`
  await execute(server, `CREATE DATABASE ${name}`)
  // Not every server that speaks TDS knows the option, and those that do not have it on.
  await execute(server, `ALTER DATABASE ${name} SET ALLOW_SNAPSHOT_ISOLATION ON`).catch(() => {})
  const { href: url } = Object.assign(new URL(server), { pathname: `/${name}` })
  return {
    url,
    run: async (...statements) => {
      await using connection = await open(url)
      await connection.run(...statements)
    },
    rows: async (query) => {
      await using connection = await open(url)
      return await connection.rows(query)
    },
    connect: async () => await open(url),
    [Symbol.asyncDispose]: async () => await execute(server, `DROP DATABASE ${name}`),
  }
}

async function execute(url: string, statement: string): Promise<void> {
  await using connection = await open(url)
  await connection.run(statement)
}

async function open(url: string): Promise<OpenConnection> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url)
  const connection = new Connection({
    server: hostname,
    authentication: { type: 'default', options: { userName: decodeURIComponent(username), password: decodeURIComponent(password) } },
    options: {
      port: Number(port || 1433),
      database: decodeURIComponent(pathname.slice(1)),
      encrypt: searchParams.get('encrypt') !== 'false',
      trustServerCertificate: searchParams.get('trustServerCertificate') === 'true',
      requestTimeout: 0,
      useUTC: true,
    },
  })
  connection.on('error', () => {})
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  connection.connect((error) => (error ? reject(error) : resolve()))
  await promise
  return {
    run: async (...statements) => {
      for (const statement of statements) await rowsOf(connection, statement)
    },
    rows: async (query) => await rowsOf(connection, query),
    [Symbol.asyncDispose]: async () => await closed(connection),
  }
}

async function rowsOf(connection: Connection, sql: string): Promise<readonly (readonly unknown[])[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly (readonly unknown[])[]>()
  const rows: unknown[][] = []
  const request = new Request(sql, (error) => (error ? reject(error) : resolve(rows)))
  request.on('row', (cells: readonly { readonly value: unknown }[]) => rows.push(cells.map(({ value }) => value)))
  connection.execSqlBatch(request)
  return await promise
}

async function closed(connection: Connection): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  connection.once('end', resolve)
  connection.close()
  await promise
}
