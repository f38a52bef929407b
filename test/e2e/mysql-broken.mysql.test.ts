import { describe, expect, test } from 'vitest'
import type { ConfigInput } from '../../src/index.ts'
import type { FreshDatabase } from '../services/fresh-database.ts'
import { freshMysqlDatabase, noMysql } from '../services/mysql.ts'
import { startRelay } from '../services/relay.ts'
import { World } from './world.ts'

const needsMysql = describe.skipIf(noMysql !== undefined)

const into = (url: string): ConfigInput => ({
  connections: { a: './a.db', b: url },
  syncs: { t: { from: 'a#t', to: 'b#t', mode: 'mirror', guard: 'off' } },
})

needsMysql('an apply into MySQL that breaks midway', () => {
  test('by a deadlock: the run says so and may be tried again, and the target is as it was', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await fill(world, database)
    await using others = await database.connect()
    // Whoever changed less is the one that InnoDB ends.
    const ballast = Array.from({ length: 500 }, (_, id) => `(${id}, 0)`).join(', ')
    await others.run('BEGIN', `INSERT INTO ballast VALUES ${ballast}`, 'UPDATE t SET v = v WHERE id = 50')
    const running = world.runOne(into(database.url))
    await waiterOn(database)
    const [result] = await Promise.all([running, others.run('UPDATE t SET v = v WHERE id = 1')])
    expect(result).toMatchObject({
      status: 'failed',
      error: { fix: 'retry', code: 'DEADLOCK', hint: expect.stringContaining('run again') },
    })
    await others.run('ROLLBACK')
    expect(await database.rows('SELECT count(*), sum(v) FROM t')).toEqual([['100', '100']])
    expect(await world.runOne(into(database.url))).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 98, deleted: 2 } })
  })

  test('by a connection that is lost: the run says so, and the target is as it was', async () => {
    await using database = await freshMysqlDatabase()
    using world = new World()
    await fill(world, database)
    await using others = await database.connect()
    await others.run('BEGIN', 'UPDATE t SET v = v WHERE id = 50')
    const running = world.runOne(into(database.url))
    await others.run(`KILL ${await waiterOn(database)}`)
    expect(await running).toMatchObject({
      status: 'failed',
      error: { fix: 'retry', code: 'CONNECTION_LOST', hint: expect.stringContaining('run again') },
    })
    await others.run('ROLLBACK')
    expect(await database.rows('SELECT count(*), sum(v) FROM t')).toEqual([['100', '100']])
    expect(await world.runOne(into(database.url))).toMatchObject({ status: 'succeeded', counts: { inserted: 1, updated: 98, deleted: 2 } })
  })
})

needsMysql('a read from MySQL that breaks midway', () => {
  test.each(['mirror', 'replace'] as const)(
    '%s: a server that waits no longer for a slow reader makes no deletes, and nothing is half-written',
    { timeout: 120_000 },
    async (mode) => {
      await using database = await freshMysqlDatabase()
      await database.run(
        'CREATE TABLE t (id INT PRIMARY KEY, v TEXT)',
        "INSERT INTO t VALUES (0, repeat('x', 2000))",
        ...Array.from({ length: 14 }, (_, doubled) => `INSERT INTO t SELECT id + ${2 ** doubled}, v FROM t`),
      )
      using world = new World()
      world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)', "INSERT INTO t VALUES (1, 'kept'), (99999, 'kept')")
      const [held, dropped] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      await using relay = await startRelay(new URL(database.url), {
        toServer: (bytes) => impatient(bytes),
        fromServer: (connection, bytes) => {
          if (bytes < 1_000_000) return
          connection.hold(dropped.promise)
          held.resolve()
        },
      })
      const running = world.runOne({
        connections: { a: { type: 'mysql', url: relay.url, sslmode: 'disable' }, b: './b.db' },
        syncs: { t: { from: 'a#t', to: 'b#t', mode, key: 'id', guard: 'off' } },
      })
      await Promise.race([held.promise, running])
      await readerIsGone(database)
      dropped.resolve()
      expect(await running).toMatchObject({
        status: 'failed',
        error: { fix: 'retry', code: 'CONNECTION_LOST', hint: expect.stringContaining('run again') },
      })
      expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([
        [1n, 'kept'],
        [99999n, 'kept'],
      ])
    },
  )

  test('a password that is wrong is said, and nothing of the target changes', async () => {
    await using database = await freshMysqlDatabase()
    const user = `u_${database.name.slice(-12)}`
    await database.run(`CREATE USER '${user}'@'%' IDENTIFIED BY 'right-one'`)
    await using _dropped = { [Symbol.asyncDispose]: async () => await database.run(`DROP USER '${user}'@'%'`) }
    using world = new World()
    world.sqlite('b.db', 'CREATE TABLE t (id INTEGER PRIMARY KEY)', 'INSERT INTO t VALUES (1)')
    const url = Object.assign(new URL(database.url), { username: user, password: 'wrong-one' }).href
    const result = await world.runOne({ connections: { a: url }, syncs: { t: { from: 'a#t', to: './b.db#t', mode: 'mirror', key: 'id' } } })
    expect(result).toMatchObject({ status: 'failed', error: { code: 'LOGIN_FAILED', hint: expect.stringContaining(user) } })
    expect(JSON.stringify(result)).not.toContain('wrong-one')
    expect(world.rows('b.db', 'SELECT * FROM t')).toEqual([[1n]])
  })
})

/** Rows of which the source changes most, lacks two and has one more. */
async function fill(world: World, database: FreshDatabase): Promise<void> {
  const ids = Array.from({ length: 100 }, (_, index) => index + 1)
  const kept = ids.filter((id) => id > 2)
  world.sqlite(
    'a.db',
    'CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)',
    `INSERT INTO t VALUES ${[...kept, 1000].map((id) => `(${id}, 2)`).join(', ')}`,
  )
  await database.run(
    'CREATE TABLE t (id INT PRIMARY KEY, v INT)',
    'CREATE TABLE ballast (id INT PRIMARY KEY, v INT)',
    `INSERT INTO t VALUES ${ids.map((id) => `(${id}, 1)`).join(', ')}`,
  )
}

/** The connection that waits for a lock on the database's tables, once there is one. */
async function waiterOn(database: FreshDatabase): Promise<string> {
  await using client = await database.connect()
  const waiting = `SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%${database.name}%'`
  return await eventually(async () => (await client.rows(waiting))[0]?.[0] ?? undefined)
}

/** Waits until the server gives up sending the table, with which it is busy. */
async function readerIsGone(database: FreshDatabase): Promise<void> {
  await using client = await database.connect()
  const reading = `SELECT id FROM information_schema.processlist WHERE db = '${database.name}' AND info LIKE '%.\`t\` AS t%' AND id <> connection_id()`
  expect(await client.rows(reading)).toHaveLength(1)
  await eventually(async () => ((await client.rows(reading)).length === 0 ? true : undefined))
}

/** Looks now and then: InnoDB goes on telling what it told before to whoever asks within a tenth of a second. */
async function eventually<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  for (const until = Date.now() + 60_000; Date.now() < until; ) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  throw new Error('it did not happen within a minute')
}

/** The session asks the server to wait for days; on this way it asks for a second. */
function impatient(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes
      .toString('latin1')
      .replace(/net_write_timeout = (\d+)/, (whole, digits: string) => whole.replace(digits, '1'.padEnd(digits.length))),
    'latin1',
  )
}
