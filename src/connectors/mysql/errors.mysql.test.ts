import { describe, expect, test } from 'vitest'
import type { FreshDatabase } from '../../../test/services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../../../test/services/mysql.ts'
import { startRelay } from '../../../test/services/relay.ts'
import { RetryableError, RunError } from '../../core/errors.ts'
import { csvRows, errorOf, textOf } from '../sql/testing.ts'
import { openMysql } from './testing.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

function withUrl(url: string, change: (parsed: URL) => void): string {
  const parsed = new URL(url)
  change(parsed)
  return parsed.href
}

needsMysql('what goes wrong with a connection says what to do', () => {
  test('a wrong password, and a user that does not exist', async () => {
    await using database = await freshMysqlDatabase()
    await using user = await someUser(database, 'SELECT')
    const wrong = withUrl(user.url, (url) => {
      url.password = 'not-this-one'
    })
    const error = await errorOf(openMysql({ url: wrong }))
    expect(error).toMatchObject({ code: 'LOGIN_FAILED', hint: expect.stringContaining(user.name) })
    expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('not-this-one')
  })

  test('an unknown database, a host without a server, a host without a name', async () => {
    await using database = await freshMysqlDatabase()
    const elsewhere = (change: (parsed: URL) => void) => errorOf(openMysql({ url: withUrl(database.url, change), connect_timeout: 3 }))
    expect(await elsewhere((url) => Object.assign(url, { pathname: '/nowhere_at_all' }))).toMatchObject({ code: 'DATABASE_NOT_FOUND' })
    expect(await elsewhere((url) => Object.assign(url, { port: '1' }))).toMatchObject({ code: 'HOST_UNREACHABLE' })
    expect(await elsewhere((url) => Object.assign(url, { hostname: 'nowhere.invalid' }))).toMatchObject({
      code: expect.stringMatching(/^HOST_/),
    })
  })

  test('TLS that the server does not offer is refused where it is asked for, and done without where it is preferred', async ({ skip }) => {
    await using database = await freshMysqlDatabase()
    const [[offered] = []] = await database.rows('SELECT @@have_ssl')
    skip(offered === 'YES', 'this server offers TLS')
    expect(await errorOf(openMysql({ url: `${database.url}?ssl=true` }))).toMatchObject({ code: 'TLS_REFUSED' })
    await using preferred = await openMysql({ url: `${database.url}?sslmode=prefer` })
    expect(preferred.summary).toContain('read and write')
  })

  test('a user who may only read is told so, and what is missing', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB', 'INSERT INTO t VALUES (1)')
    await using user = await someUser(database, 'SELECT')
    await using endpoint = await openMysql({ url: user.url })
    const table = await endpoint.describe({ name: 't' })
    if (!table) throw new Error('no table')
    await using session = await endpoint.writer?.begin()
    await session?.ensureTable(table)
    expect(await errorOf(session?.append(table, csvRows(table.columns, '2\n')) ?? Promise.resolve())).toMatchObject({
      code: 'PERMISSION_DENIED',
    })
  })

  test('where commits cannot be noted, an append is refused before it commits', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB')
    await using user = await someUser(database, 'SELECT, INSERT, UPDATE, DELETE')
    await using endpoint = await openMysql({ url: user.url })
    const table = await endpoint.describe({ name: 't' })
    if (!table) throw new Error('no table')
    {
      await using session = await endpoint.writer?.begin()
      await session?.ensureTable(table)
      await session?.append(table, csvRows(table.columns, '2\n'))
      expect(await errorOf(session?.proof?.() ?? Promise.resolve())).toMatchObject({ code: 'NO_COMMIT_PROOF' })
    }
    expect(await database.rows('SELECT * FROM t')).toEqual([])
  })

  test('a lock that others hold, and a table that another Syncline writes to, may be tried again', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=InnoDB', 'INSERT INTO t VALUES (1, 1)')
    await using endpoint = await openMysql({ url: database.url, lock_timeout: 1 })
    const table = await endpoint.describe({ name: 't' })
    if (!table) throw new Error('no table')
    await using others = await database.connect()
    await others.run('BEGIN', 'INSERT INTO t VALUES (2, 2)')
    {
      await using session = await endpoint.writer?.begin()
      await session?.ensureTable(table)
      const locked = await errorOf(session?.append(table, csvRows(table.columns, '2,2\n')) ?? Promise.resolve())
      expect(locked).toBeInstanceOf(RetryableError)
      expect(locked).toMatchObject({ code: 'LOCK_TIMEOUT' })
      await using second = await endpoint.writer?.begin()
      expect(await errorOf(second?.ensureTable(table) ?? Promise.resolve())).toMatchObject({ code: 'TARGET_LOCKED' })
    }
    await others.run('ROLLBACK')
  })

  test('a server that ends a session while rows are read never makes a short read look complete', async () => {
    await using database = await freshMysqlDatabase()
    await database.run(
      'CREATE TABLE t (id INT PRIMARY KEY, v TEXT) ENGINE=InnoDB',
      "INSERT INTO t VALUES (0, repeat('x', 500))",
      ...Array.from({ length: 16 }, (_, doubled) => `INSERT INTO t SELECT id + ${2 ** doubled}, v FROM t`),
    )
    await using relay = await startRelay(new URL(database.url), {
      fromServer: (connection, bytes) => {
        if (bytes > 2_000_000) connection.cut()
      },
    })
    await using endpoint = await openMysql({ url: relay.url, sslmode: 'disable' })
    await using view = await endpoint.reader?.snapshot()
    const rows = await view?.read({ source: { table: { name: 't' } } })
    const error = await errorOf(textOf(rows?.csv?.(1)[0]))
    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ code: 'CONNECTION_LOST' })
  })

  test('values stay out of what is said about a refused row', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(5), n INT) ENGINE=InnoDB')
    await using endpoint = await openMysql({ url: database.url })
    const table = await endpoint.describe({ name: 't' })
    if (!table) throw new Error('no table')
    for (const [line, column] of [
      ['1,secret-value,1', 'v'],
      ['1,a,secret', 'n'],
      ['1,a,99999999999', 'n'],
    ] as const) {
      await using session = await endpoint.writer?.begin()
      await session?.ensureTable(table)
      const error = await errorOf(session?.append(table, csvRows(table.columns, `${line}\n`)) ?? Promise.resolve())
      expect(error).toMatchObject({ code: 'NOT_DIRECT', message: expect.stringContaining(`column ${column}`) })
      expect(`${String(error)}${JSON.stringify(error)}`).not.toMatch(/secret|99999/)
    }
  })

  test('a table that cannot be rolled back is refused', async () => {
    await using database = await freshMysqlDatabase()
    await database.run('CREATE TABLE t (id INT PRIMARY KEY) ENGINE=MyISAM')
    await using endpoint = await openMysql({ url: database.url })
    const table = await endpoint.describe({ name: 't' })
    if (!table) throw new Error('no table')
    await using session = await endpoint.writer?.begin()
    await session?.ensureTable(table)
    const error = await errorOf(session?.append(table, csvRows(table.columns, '1\n')) ?? Promise.resolve())
    expect(error).toBeInstanceOf(RunError)
    expect(error).toMatchObject({ code: 'TARGET_NOT_TRANSACTIONAL' })
  })
})

interface SomeUser extends AsyncDisposable {
  readonly name: string
  readonly url: string
}

/** A user with rights on one database. */
async function someUser(database: FreshDatabase, rights: string): Promise<SomeUser> {
  const name = `u_${database.name.slice(-12)}`
  await database.run(`CREATE USER '${name}'@'%' IDENTIFIED BY 'right-one'`, `GRANT ${rights} ON ${database.name}.* TO '${name}'@'%'`)
  const url = withUrl(database.url, (parsed) => Object.assign(parsed, { username: name, password: 'right-one' }))
  return { name, url, [Symbol.asyncDispose]: async () => await database.run(`DROP USER '${name}'@'%'`) }
}
