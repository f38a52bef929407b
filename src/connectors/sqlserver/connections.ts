import { setTimeout } from 'node:timers/promises'
import type { Context } from '../connector.ts'
import { readCertificate } from '../sql/certificate.ts'
import { type Connection, type ConnectionConfiguration, type Driver, loadDriver } from './driver.ts'
import { sqlServerError } from './errors.ts'
import { loginError } from './login-errors.ts'
import { strictError } from './network-errors.ts'
import type { SqlServerOptions } from './options.ts'
import type { Place } from './place.ts'
import { runStatement } from './request.ts'
import { type Server, type ServerRow, serverSql, toServer } from './server.ts'
import type { ServerError } from './server-error.ts'
import { Session } from './session.ts'
import { utf8Collation } from './utf8.ts'

/** Lends the sessions of one endpoint, all set alike. A connection that comes back whole serves again; disposing closes all. */
export class Connections implements AsyncDisposable {
  readonly #driver: Driver
  readonly #options: SqlServerOptions
  readonly #context: Context
  readonly #ca: string | undefined
  /** Each with what is settled once its socket is closed. */
  readonly #all = new Map<Connection, Promise<void>>()
  readonly #idle: Connection[] = []
  #server: Server | undefined

  private constructor(driver: Driver, options: SqlServerOptions, context: Context, ca: string | undefined) {
    this.#driver = driver
    this.#options = options
    this.#context = context
    this.#ca = ca
  }

  static async create(options: SqlServerOptions, context: Context): Promise<Connections> {
    const ca = options.tls.ca === undefined ? undefined : await readCertificate(options.tls.ca, context.baseDirectory, 'SQL Server')
    return new Connections(await loadDriver(), options, context, ca)
  }

  /** @throws RunError or RetryableError with the next step: wrong password, unreachable host, untrusted certificate. */
  async open(): Promise<Session> {
    const { signal } = this.#context
    signal.throwIfAborted()
    const connection = (await this.#again()) ?? (await this.#connect())
    try {
      await runStatement(this.#driver, connection, settingsSql(this.#options.lockTimeoutSeconds), []).result
      this.#server ??= await this.#ask(connection)
    } catch (error) {
      await this.#close(connection)
      throw signal.aborted ? signal.reason : sqlServerError(error, this.#place)
    }
    const release = async (sound: boolean) => {
      if (sound && this.#all.has(connection)) this.#idle.push(connection)
      else await this.#close(connection)
    }
    return new Session({ driver: this.#driver, connection, place: this.#place, server: this.#server, signal, release })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#all.keys()].map(async (connection) => await this.#close(connection)))
  }

  async #connect(): Promise<Connection> {
    const connection = new this.#driver.Connection(configuration(this.#options, this.#ca))
    // A connection that is lost while idle says so by an event, which ends the process where nobody listens.
    connection.on('error', () => {})
    const { promise, resolve: ended } = Promise.withResolvers<void>()
    connection.once('end', ended)
    this.#all.set(connection, promise)
    const told: ServerError[] = []
    connection.on('errorMessage', ({ number, message, class: severity }) => told.push({ number, message, severity }))
    const stop = () => connection.close()
    this.#context.signal.addEventListener('abort', stop, { once: true })
    try {
      await connected(connection)
      return connection
    } catch (error) {
      await this.#close(connection)
      if (this.#context.signal.aborted) throw this.#context.signal.reason
      // The driver's error of a login keeps the words and not the number.
      const [reason] = told
      const failure = (reason && loginError(reason, this.#place)) ?? sqlServerError(error, this.#place)
      throw this.#options.tls.encrypt === 'strict' ? strictError(failure, this.#place) : failure
    } finally {
      this.#context.signal.removeEventListener('abort', stop)
    }
  }

  /** A connection that is free, as if it were new: without temporary tables, at the usual isolation. */
  async #again(): Promise<Connection | undefined> {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (await isReset(connection)) return connection
      await this.#close(connection)
    }
    return undefined
  }

  async #close(connection: Connection): Promise<void> {
    const ended = this.#all.get(connection)
    if (!this.#all.delete(connection)) return
    connection.close()
    const waiting = new AbortController()
    await Promise.race([ended, setTimeout(1_000, undefined, { signal: waiting.signal }).catch(() => {})])
    waiting.abort()
  }

  async #ask(connection: Connection): Promise<Server> {
    const query = async (sql: string) => await runStatement(this.#driver, connection, sql, []).result
    const [row] = await query(serverSql)
    return toServer(row as ServerRow | undefined, await utf8Collation(query), this.#place)
  }

  get #place(): Place {
    const { host, port, instance, database, login } = this.#options
    const at = instance === undefined ? `${host}:${port ?? defaultPort}` : `${host}\\${instance}`
    return {
      connection: this.#context.connection,
      server: `${at}/${database ?? ''}`,
      user: login.kind === 'token' ? '(token)' : login.user,
    }
  }
}

const defaultPort = 1433

async function connected(connection: Connection): Promise<void> {
  const { promise, resolve: done, reject } = Promise.withResolvers<void>()
  connection.connect((error) => (error ? reject(error) : done()))
  await promise
}

async function isReset(connection: Connection): Promise<boolean> {
  const { promise, resolve: done } = Promise.withResolvers<boolean>()
  connection.reset((error) => done(!error))
  return await promise
}

/**
 * Settings that the meaning of statements depends on: those that indexes on computed columns and views ask for, no rounding
 * error in silence, any error ends the transaction. Counts stay on: a bulk load is counted by them.
 */
export function settingsSql(lockTimeoutSeconds: number): string {
  return `SET ANSI_NULLS ON; SET ANSI_PADDING ON; SET ANSI_WARNINGS ON; SET ARITHABORT ON; SET CONCAT_NULL_YIELDS_NULL ON;
SET QUOTED_IDENTIFIER ON; SET NUMERIC_ROUNDABORT OFF; SET IMPLICIT_TRANSACTIONS OFF; SET CURSOR_CLOSE_ON_COMMIT OFF;
SET XACT_ABORT ON; SET NOCOUNT OFF; SET LANGUAGE us_english; SET DATEFORMAT ymd; SET DATEFIRST 7; SET TEXTSIZE 2147483647;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCK_TIMEOUT ${lockTimeoutSeconds * 1000}`
}

function configuration({ host, port, instance, database, login, tls, connectTimeoutSeconds }: SqlServerOptions, ca: string | undefined) {
  return {
    server: host,
    authentication: authentication(login),
    options: {
      ...(instance === undefined ? { port: port ?? defaultPort } : { instanceName: instance }),
      ...(database === undefined ? {} : { database }),
      appName: 'syncline',
      encrypt: tls.encrypt,
      trustServerCertificate: tls.trustServerCertificate,
      ...(ca === undefined ? {} : { cryptoCredentialsDetails: { ca } }),
      connectTimeout: connectTimeoutSeconds * 1000,
      requestTimeout: 0,
      // Whoever stops a run does not wait for a server that is slow to notice.
      cancelTimeout: 1_000,
      // As .NET's driver does; an encrypted connection takes 16,383 at most.
      packetSize: 8_000,
      useUTC: true,
    },
  } satisfies ConnectionConfiguration
}

function authentication(login: SqlServerOptions['login']) {
  switch (login.kind) {
    case 'password':
      return { type: 'default' as const, options: { userName: login.user, password: login.password } }
    case 'windows':
      return { type: 'ntlm' as const, options: { userName: login.user, password: login.password, domain: login.domain } }
    case 'token':
      return { type: 'azure-active-directory-access-token' as const, options: { token: login.token } }
  }
}
