import { type Connection, createConnection, type SslOptions } from 'mysql2'
import { RunError } from '../../core/errors.ts'
import type { Context } from '../connector.ts'
import { mysqlError } from './errors.ts'
import type { MysqlOptions } from './options.ts'
import type { Place } from './place.ts'
import { isTooOld, parseVersion, type Server } from './server.ts'
import { Session } from './session.ts'
import { addressedSocket, tlsSettings } from './tls.ts'
import { Writers } from './writers.ts'

/** Opens the sessions of one endpoint, all set alike; disposing closes those that are still open. */
export class Connections implements AsyncDisposable {
  readonly #options: MysqlOptions
  readonly #context: Context
  readonly #tls: SslOptions | undefined
  readonly #open = new Set<Session>()
  /** Absent where the endpoint is not the target of a sync. */
  readonly writers: Writers | undefined
  /** The server was seen to offer no TLS, and mode `prefer` goes on without. */
  #plain = false

  private constructor(options: MysqlOptions, context: Context, tls: SslOptions | undefined) {
    this.#options = options
    this.#context = context
    this.#tls = tls
    const { end, keptDirectory } = context
    this.writers = end === 'target' && keptDirectory !== undefined ? new Writers(keptDirectory) : undefined
  }

  static async create(options: MysqlOptions, context: Context): Promise<Connections> {
    return new Connections(options, context, await tlsSettings(options.tls, context.baseDirectory))
  }

  /** @throws RunError or RetryableError with the next step: wrong password, unknown database, unreachable host, TLS refused. */
  async open(): Promise<Session> {
    this.#context.signal.throwIfAborted()
    const connection = await this.#connect(this.#options.connectTimeoutSeconds)
    const place = this.#place()
    try {
      const server = await prepare(connection, this.#options.lockTimeoutSeconds, place)
      const session = new Session(connection, {
        server: { ...server, localInfile: server.localInfile && this.#options.localInfile },
        place,
        signal: this.#context.signal,
        kill: async (what) => await this.#kill(what, server),
      })
      this.#open.add(session)
      session.onClose(() => this.#open.delete(session))
      return session
    } catch (error) {
      connection.destroy()
      throw mysqlError(error, place)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#open].map(async (session) => await session[Symbol.asyncDispose]()))
  }

  async #connect(timeoutSeconds: number): Promise<Connection> {
    const encrypted = this.#tls !== undefined && !this.#plain && this.#options.socket === undefined
    try {
      return await connected(this.#create(encrypted, timeoutSeconds))
    } catch (thrown) {
      const error = mysqlError(thrown, this.#place())
      if (!encrypted || error.code !== 'TLS_REFUSED' || this.#options.tls.mode !== 'prefer') throw error
      this.#plain = true
      return await this.#connect(timeoutSeconds)
    }
  }

  #create(encrypted: boolean, timeoutSeconds: number): Connection {
    const { host, port, socket, database, user, password } = this.#options
    return createConnection({
      ...(socket === undefined ? { host, port } : { socketPath: socket }),
      user,
      ...(database === undefined ? {} : { database }),
      ...(password === undefined ? {} : { password }),
      ...(encrypted && this.#tls ? { ssl: this.#tls, ...addressedSocket(this.#tls, host, port) } : {}),
      charset: 'UTF8MB4_GENERAL_CI',
      connectTimeout: timeoutSeconds * 1000,
      connectAttributes: { program_name: 'syncline' },
    })
  }

  #place(): Place {
    const { host, port, socket, database, user } = this.#options
    return { connection: this.#context.connection, server: `${socket ?? `${host}:${port}`}/${database ?? ''}`, user }
  }

  /** From another connection: the server then rolls back at once, or ends the statement, however busy it is. */
  async #kill(what: 'connection' | 'query', { connectionId }: Server): Promise<void> {
    const connection = await this.#connect(3).catch(() => undefined)
    // Where the server is gone, or takes no more connections, the cut socket has to do.
    if (!connection) return
    await new Promise<void>((resolve) => connection.query(`KILL ${what.toUpperCase()} ${connectionId}`, () => resolve()))
    connection.destroy()
  }
}

async function connected(connection: Connection): Promise<Connection> {
  // A connection that is lost while idle says so by an event, which ends the process where nobody listens.
  connection.on('error', () => {})
  return await new Promise((resolve, reject) => {
    connection.once('error', reject)
    connection.connect((error) => {
      if (!error) return resolve(connection)
      connection.destroy()
      reject(error)
    })
  })
}

/** Days, in seconds: a reader or writer that waits for the other side shall not lose its connection. */
const patience = 7 * 86_400

/**
 * Settings that the meaning of statements and texts depends on. Zero dates may be stored, because a copy within MySQL keeps
 * them; nothing else is made of them.
 */
function settings(lockTimeoutSeconds: number): readonly string[] {
  return [
    'SET NAMES utf8mb4',
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    `SET SESSION time_zone = '+00:00', autocommit = 1, sql_notes = 1, sql_warnings = 1, sql_auto_is_null = 0, sql_big_selects = 1,
       sql_select_limit = 18446744073709551615, foreign_key_checks = 1, unique_checks = 1,
       wait_timeout = ${patience}, net_read_timeout = ${patience}, net_write_timeout = ${patience},
       lock_wait_timeout = ${lockTimeoutSeconds}, innodb_lock_wait_timeout = ${lockTimeoutSeconds}`,
  ]
}

async function prepare(connection: Connection, lockTimeoutSeconds: number, place: Place): Promise<Server> {
  const ask = async (sql: string) =>
    await new Promise<readonly (readonly (string | null)[])[]>((resolve, reject) =>
      connection.query({ sql, rowsAsArray: true, typeCast: (field) => field.string() }, (error, rows) =>
        error ? reject(error) : resolve(rows as unknown as readonly (readonly (string | null)[])[]),
      ),
    )
  const facts =
    'SELECT version(), connection_id(), @@local_infile, @@max_allowed_packet, @@lower_case_table_names, @@read_only, @@tx_read_only'
  const [found] = await ask('SELECT version()')
  const known = parseVersion(found?.[0] ?? '')
  if (isTooOld(known)) throw tooOld(known, place)
  for (const statement of settings(lockTimeoutSeconds)) await ask(statement)
  // In MySQL the name differs, and a plain user may not say how many warnings are kept.
  await ask(`SET SESSION ${known.flavor === 'mariadb' ? 'max_statement_time = 0, max_error_count = 64' : 'max_execution_time = 0'}`)
  const readOnly = known.flavor === 'mariadb' ? facts : facts.replace('@@tx_read_only', '@@transaction_read_only')
  const [row = []] = await ask(readOnly)
  const [, id, localInfile, packet, folds, globally, transactions] = row
  return {
    ...known,
    connectionId: Number(id),
    localInfile: localInfile === '1',
    maxAllowedPacket: Number(packet),
    foldsTableNames: folds !== '0',
    readOnly: transactions === '1' || (globally === '1' && !(await writesAnyway(ask))),
  }
}

/** `read_only` does not hold for users with these rights (manuals of both, "read_only"). */
async function writesAnyway(ask: (sql: string) => Promise<readonly (readonly (string | null)[])[]>): Promise<boolean> {
  const grants = await ask('SHOW GRANTS')
  return grants.some(([grant]) =>
    /\b(ALL PRIVILEGES|SUPER|READ ONLY ADMIN|READ_ONLY ADMIN|CONNECTION_ADMIN)\b.* ON \*\.\*/i.test(grant ?? ''),
  )
}

function tooOld({ flavor, version }: Pick<Server, 'flavor' | 'version'>, { connection, server }: Place): RunError {
  const [name, least] = flavor === 'mariadb' ? ['MariaDB', '10.6'] : ['MySQL', '8.0']
  return new RunError({
    code: 'SERVER_TOO_OLD',
    message: `${connection} (${server}) runs ${name} ${version}; expected ${least} or later`,
    hint: 'upgrade the server: older versions no longer get fixes',
  })
}
