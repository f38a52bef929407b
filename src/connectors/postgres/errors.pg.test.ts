import { Client } from 'pg'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../../test/services/postgres.ts'
import { RetryableError, RunError } from '../../core/errors.ts'
import { csvRows, errorOf } from '../sql/testing.ts'
import { Bench, openPostgres } from './testing.ts'

test('a connection that cannot be made says why and what to do', async () => {
  await using db = await freshDatabase()
  const url = new URL(db.url)
  const at = (change: (url: URL) => void) => {
    const changed = new URL(url)
    change(changed)
    return errorOf(openPostgres({ url: changed.href, connect_timeout: 3 }))
  }
  expect(await at((to) => (to.pathname = '/not_there'))).toMatchObject({ code: 'DATABASE_NOT_FOUND', hint: expect.any(String) })
  expect(await at((to) => (to.port = '1'))).toMatchObject({ name: 'RetryableError', code: 'HOST_UNREACHABLE' })
  expect(await at((to) => (to.hostname = 'host.invalid'))).toMatchObject({
    name: expect.stringMatching(/RunError|RetryableError/),
    code: expect.stringMatching(/HOST_/),
  })
  expect(await at((to) => to.searchParams.set('sslmode', 'verify-full'))).toMatchObject({ code: expect.stringMatching(/^TLS_/) })
  expect(await at((to) => to.searchParams.set('sslrootcert', 'missing.pem'))).toMatchObject({
    name: 'ConfigError',
    code: 'CERTIFICATE_NOT_FOUND',
  })
  const stranger = await at((to) => {
    to.username = 'nobody_here'
    to.password = 'geheim-42'
  })
  expect(stranger).toMatchObject({ code: 'LOGIN_FAILED', hint: expect.stringContaining('nobody_here') })
  expect(JSON.stringify(stranger) + String(stranger)).not.toContain('geheim-42')
})

test('a wrong password is named as such', async ({ skip }) => {
  await using db = await freshDatabase()
  const error = await errorOf(openPostgres({ url: db.url, password: 'geheim-42' }))
  if (error === undefined) skip('this server trusts everyone')
  expect(error).toMatchObject({ name: 'RunError', code: 'LOGIN_FAILED' })
  expect(String(error)).not.toContain('geheim')
})

test('a server that goes away under a read or a write is a lost connection', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(
    "CREATE TABLE t (id int, v text); INSERT INTO t SELECT i, repeat('x', 500) FROM generate_series(1, 100000) i; CREATE TABLE u (id int)",
  )
  const kill = async () => {
    await using client = new Killer(db.url)
    await client.kill()
  }
  await using view = await bench.reader.snapshot()
  const rows = await view.read({ source: { table: { name: 't' } } })
  const read = async () => {
    let first = true
    for await (const _ of rows.pgcopy?.() ?? []) {
      if (first) await kill()
      first = false
    }
  }
  expect(await errorOf(read())).toMatchObject({ name: 'RetryableError', code: 'CONNECTION_LOST' })

  await using other = await Bench.open(db.url)
  const table = await other.endpoint.describe({ name: 'u' })
  if (!table) throw new Error('not there')
  await using session = await other.writer.begin()
  const slow = {
    columns: table.columns,
    csv: () => [
      (async function* () {
        yield Buffer.from('1\n')
        await kill()
        for (let i = 0; i < 200; i++) {
          yield Buffer.from('2\n'.repeat(10_000))
          await new Promise((resolve) => setTimeout(resolve, 10))
        }
      })(),
    ],
  }
  expect(await errorOf(session.append(table, slow))).toBeInstanceOf(RetryableError)
  await using again = await Bench.open(db.url)
  expect(await again.texts('SELECT count(*) FROM u')).toEqual([['0']])
})

test('a refusal in the middle of many rows is an error and nothing worse', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql('CREATE TABLE u (v text CHECK (length(v) < 2000))')
  const table = await bench.endpoint.describe({ name: 'u' })
  if (!table) throw new Error('not there')
  const line = `${'x'.repeat(999)}\n`
  for (const bad of [0, 3, 40]) {
    await using session = await bench.writer.begin()
    const rows = {
      columns: table.columns,
      csv: () => [
        (async function* () {
          for (let chunk = 0; chunk < 200; chunk++)
            yield Buffer.from(chunk === bad ? `${'y'.repeat(3000)}\n${line.repeat(150)}` : line.repeat(150))
        })(),
      ],
    }
    expect(await errorOf(session.append(table, rows))).toMatchObject({ name: 'NotDirectError' })
  }
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(await bench.texts('SELECT count(*) FROM u')).toEqual([['0']])
})

test('rows that end by an error end the COPY, and nothing of them stays', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql('CREATE TABLE u (id int)')
  const table = await bench.endpoint.describe({ name: 'u' })
  if (!table) throw new Error('not there')
  await using session = await bench.writer.begin()
  const broken = new Error('the source broke')
  const rows = {
    columns: table.columns,
    csv: () => [
      (async function* () {
        yield Buffer.from('1\n')
        throw broken
      })(),
    ],
  }
  expect(await errorOf(session.append(table, rows))).toMatchObject({ message: 'the source broke' })
  expect(await errorOf(session.commit())).toBeInstanceOf(RunError)
  expect(await bench.texts('SELECT count(*) FROM u')).toEqual([['0']])
})

test('refused rows name the column and the line, never the value; what is wrong around them stays what it is', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql(`
    CREATE TABLE t (id int PRIMARY KEY, n numeric(5,2), at timestamp, v varchar(3) CHECK (v <> 'bad'), j json, u uuid);
    INSERT INTO t VALUES (1);
    CREATE TABLE r (id int REFERENCES t)`)
  const table = await bench.endpoint.describe({ name: 't' })
  if (!table) throw new Error('not there')
  const refused = async (line: string) => {
    await using session = await bench.writer.begin()
    return await errorOf(session.append(table, csvRows(table.columns, line)))
  }
  const secrets: Readonly<Record<string, string>> = {
    'geheim,,,,,\n': 'column id',
    '2,99999.5,,,,\n': 'numeric field overflow',
    '2,,99geheim,,,\n': 'column at',
    '2,,,geheim,,\n': 'character varying(3)',
    '2,,,bad,,\n': 't_v_check',
    '1,,,,,\n': 't_pkey',
    ',,,,,\n': 'column id',
    '2,,,,{geheim},\n': 'column j',
    '2,,,,,geheim\n': 'column u',
    '2,,,,,,geheim\n': 'extra data',
  }
  for (const [line, says] of Object.entries(secrets)) {
    const error = await refused(line)
    expect(error, line).toMatchObject({ name: 'NotDirectError', message: expect.stringContaining(says) })
    expect(JSON.stringify(error) + String(error)).not.toContain('geheim')
  }
  const role = `${new URL(db.url).pathname.slice(1)}_reader`
  await bench.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'geheim'; GRANT SELECT ON t TO ${role}`)
  await using cleaning = new AsyncDisposableStack()
  cleaning.defer(async () => await bench.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`))
  await using reader = await openPostgres({ url: db.url, user: role, password: 'geheim' })
  await using session = await reader.writer?.begin()
  expect(await errorOf(session?.append(table, csvRows(table.columns, '2,,,,,\n')) ?? Promise.resolve())).toMatchObject({
    code: 'PERMISSION_DENIED',
  })
})

test('a read-only target, a lock that others hold, a table that is gone', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url, { lock_timeout: 1 })
  await bench.sql('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE gone (id int)')
  const table = await bench.endpoint.describe({ name: 't' })
  const gone = await bench.endpoint.describe({ name: 'gone' })
  if (!table || !gone) throw new Error('not there')
  {
    await using first = await bench.writer.begin()
    await first.ensureTable(table)
    await using second = await bench.writer.begin()
    expect(await errorOf(second.ensureTable(table))).toMatchObject({ name: 'RetryableError', code: 'TARGET_LOCKED' })
  }
  await bench.sql('BEGIN; LOCK TABLE t')
  {
    await using session = await bench.writer.begin()
    expect(await errorOf(session.append(table, csvRows(table.columns, '1\n')))).toMatchObject({
      name: 'RetryableError',
      code: 'LOCK_TIMEOUT',
    })
  }
  await bench.sql('COMMIT; DROP TABLE gone')
  {
    await using session = await bench.writer.begin()
    expect(await errorOf(session.append(gone, csvRows(gone.columns, '1\n')))).toMatchObject({ code: 'TABLE_NOT_FOUND' })
  }
  await bench.sql(`ALTER DATABASE ${new URL(db.url).pathname.slice(1)} SET default_transaction_read_only = on`)
  await using standby = await openPostgres({ url: db.url })
  expect(standby.summary).toContain('read only')
  expect(await errorOf(standby.writer?.begin() ?? Promise.resolve())).toMatchObject({ code: 'TARGET_READ_ONLY' })
})

test('whether a commit happened can be told afterwards', async () => {
  await using db = await freshDatabase()
  await using bench = await Bench.open(db.url)
  await bench.sql('CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE t (id int REFERENCES p DEFERRABLE INITIALLY DEFERRED)')
  const table = await bench.endpoint.describe({ name: 't' })
  if (!table) throw new Error('not there')
  const committed = await bench.writer.begin()
  await committed.append(table, csvRows(table.columns, '\n'))
  const proof = await committed.proof?.()
  if (!proof) throw new Error('no proof')
  expect(JSON.parse(JSON.stringify(proof))).toMatchObject({ kind: 'postgres-xid', xid: expect.stringMatching(/^\d+$/) })
  await committed.commit()
  await committed[Symbol.asyncDispose]()
  expect(await bench.writer.outcome?.(proof)).toBe('committed')

  const dropped = await bench.writer.begin()
  await dropped.append(table, csvRows(table.columns, '\n'))
  const other = await dropped.proof?.()
  if (!other) throw new Error('no proof')
  await dropped[Symbol.asyncDispose]()
  expect(await bench.writer.outcome?.(other)).toBe('rolled back')
  expect(await bench.writer.outcome?.({ ...proof, system: '1' })).toBe('unknown')
  expect(await bench.writer.outcome?.({ ...proof, xid: '18446744073709551614' })).toBe('unknown')
  expect(await bench.writer.outcome?.({ kind: 'file' })).toBe('unknown')

  await using late = await bench.writer.begin()
  await late.append(table, csvRows(table.columns, '5\n'))
  expect(await errorOf(late.proof?.() ?? Promise.resolve())).toMatchObject({
    code: 'CONSTRAINT_VIOLATED',
    message: expect.stringContaining('t_id_fkey'),
  })
})

/** Ends every session of Syncline in a database. */
class Killer implements AsyncDisposable {
  readonly #client: Client

  constructor(url: string) {
    this.#client = new Client(url)
  }

  async kill(): Promise<void> {
    await this.#client.connect()
    await this.#client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'syncline' AND datname = current_database()",
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end()
  }
}
