import type { ConnectionOptions } from 'node:tls'
import { Client } from 'pg'
import { RunError } from '../../core/errors.ts'
import type { Context } from '../connector.ts'
import { postgresError } from './errors.ts'
import type { PostgresOptions } from './options.ts'
import type { Place } from './place.ts'
import { type Server, Session } from './session.ts'
import { identifiers } from './sql.ts'
import { tlsSettings } from './tls.ts'

/** Opens the sessions of one endpoint, all set alike; disposing closes those that are still open. */
export class Connections implements AsyncDisposable {
  readonly #options: PostgresOptions
  readonly #context: Context
  readonly #tls: false | ConnectionOptions
  readonly #open = new Set<Session>()
  /** The server was seen to offer no TLS, and mode `prefer` goes on without. */
  #plain = false

  private constructor(options: PostgresOptions, context: Context, tls: false | ConnectionOptions) {
    this.#options = options
    this.#context = context
    this.#tls = tls
  }

  static async create(options: PostgresOptions, context: Context): Promise<Connections> {
    return new Connections(options, context, await tlsSettings(options.tls, context.baseDirectory))
  }

  /**
   * @param names `qualified`: nothing is on the search path, so that the catalog writes every name with its schema.
   * @throws RunError or RetryableError with the next step: wrong password, unreachable host, TLS refused.
   */
  async open(names: 'as configured' | 'qualified' = 'as configured'): Promise<Session> {
    this.#context.signal.throwIfAborted()
    const client = await this.#connect()
    const place = this.#place(client)
    try {
      const searchPath = names === 'qualified' ? "''" : identifiers([...new Set([this.#options.schema, 'public'])])
      const server = await prepare(client, searchPath, this.#options.lockTimeoutSeconds, place)
      const session = new Session(client, {
        server,
        place,
        signal: this.#context.signal,
        terminate: async () => await this.#terminate(server),
      })
      this.#open.add(session)
      session.onClose(() => this.#open.delete(session))
      return session
    } catch (error) {
      await client.end().catch(() => {})
      throw postgresError(error, place)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map(async (session) => await session[Symbol.asyncDispose]()))
  }

  async #connect(): Promise<Client> {
    const encrypted = this.#tls !== false && !this.#plain
    const client = this.#client(encrypted, this.#options.connectTimeoutSeconds)
    // A client that loses its connection while idle says so by an event, which ends the process where nobody listens.
    client.on('error', () => {})
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => {})
      const { code } = postgresError(error, this.#place(client))
      if (!encrypted || code !== 'TLS_REFUSED' || this.#options.tls.mode !== 'prefer') throw postgresError(error, this.#place(client))
      this.#plain = true
      return await this.#connect()
    }
  }

  #client(encrypted: boolean, timeoutSeconds: number): Client {
    const { host, port, database, user, password } = this.#options
    const overSocket = (host ?? process.env.PGHOST)?.startsWith('/') === true
    return new Client({
      host,
      port,
      database,
      user,
      password,
      ssl: encrypted && !overSocket ? this.#tls : false,
      application_name: 'syncline',
      connectionTimeoutMillis: timeoutSeconds * 1000,
      keepAlive: true,
    })
  }

  #place(client: Client): Place {
    return {
      connection: this.#context.connection,
      server: `${client.host}:${client.port}/${client.database ?? ''}`,
      user: client.user ?? '',
    }
  }

  /** Ends a backend from another connection, so that what it was doing is rolled back at once. */
  async #terminate({ pid, startedAt }: Server): Promise<void> {
    const client = this.#client(this.#tls !== false && !this.#plain, 3)
    client.on('error', () => {})
    const sql =
      'SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE pid = $1 AND backend_start = $2::timestamptz'
    try {
      await client.connect()
      await client.query(sql, [pid, startedAt])
    } catch {
      // The server is gone, or refuses more connections: the cut socket has to do.
    }
    await client.end().catch(() => {})
  }
}

const oldest = 140_000

/** Settings that the meaning and the order of texts depend on, and limits that would end a long read or write. */
const settings = `
  SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET TimeZone = 'UTC'; SET DateStyle = 'ISO, MDY';
  SET IntervalStyle = 'postgres'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET xmloption = content;
  SET array_nulls = on; SET transform_null_equals = off; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
  SET idle_session_timeout = 0; SET synchronize_seqscans = off; SET jit = off;
  SELECT set_config('work_mem', '32MB', false) WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('32MB')`

async function prepare(client: Client, searchPath: string, lockTimeoutSeconds: number, place: Place): Promise<Server> {
  const version = await client.query<{ number: number; name: string }>(
    "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS name",
  )
  const { number = 0, name = '?' } = version.rows[0] ?? {}
  if (number < oldest) throw tooOld(name, place)
  await client.query(`${settings}; SET search_path = ${searchPath}; SET lock_timeout = '${lockTimeoutSeconds}s'`)
  await lookForClient(client)
  const facts = await client.query<Omit<Server, 'major' | 'version' | 'searchPath'>>(
    `SELECT pg_backend_pid() AS pid, backend_start::text AS "startedAt", current_setting('server_encoding') AS encoding,
            current_setting('transaction_read_only') = 'on' AS "readOnly"
       FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid()`,
  )
  const [server] = facts.rows
  if (!server)
    throw new RunError({ code: 'SERVER_ERROR', message: `${place.connection} (${place.server}): the session does not see itself` })
  return { ...server, major: Math.floor(number / 10_000), version: name.split(' ', 1)[0] ?? name, searchPath }
}

/**
 * A server that is busy for a client that has died looks for it only when it has an answer, and holds its locks until then; so it
 * looks now and again. Not every server's platform can.
 */
async function lookForClient(client: Client): Promise<void> {
  await client.query("SET client_connection_check_interval = '2s'").catch(() => {})
}

function tooOld(version: string, { connection, server }: Place): RunError {
  return new RunError({
    code: 'SERVER_TOO_OLD',
    message: `${connection} (${server}) runs PostgreSQL ${version}; expected 14 or later`,
    hint: 'upgrade the server: older versions no longer get fixes',
  })
}
