import { ConfigError } from '../../core/errors.ts'
import { ServerOptions } from '../sql/server-options.ts'

export interface SqlServerOptions {
  readonly host: string
  /** 1433 where neither it nor an instance is given. */
  readonly port: number | undefined
  /** A named instance, whose port SQL Server Browser tells (UDP 1434). */
  readonly instance: string | undefined
  /** The login's default database where absent. */
  readonly database: string | undefined
  readonly login: Login
  readonly tls: TlsOptions
  /** Where names without a schema live; the user's default schema where absent. */
  readonly schema: string | undefined
  readonly connectTimeoutSeconds: number
  readonly lockTimeoutSeconds: number
}

/** A login of SQL Server, a Windows account (NTLM), or a token that Microsoft Entra ID gave for `https://database.windows.net/`. */
export type Login =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'windows'; readonly user: string; readonly password: string; readonly domain: string }
  | { readonly kind: 'token'; readonly token: string }

export interface TlsOptions {
  /** `strict` is TDS 8: encrypted from the first byte. */
  readonly encrypt: boolean | 'strict'
  readonly trustServerCertificate: boolean
  /** Path of a PEM file, relative to the config. */
  readonly ca: string | undefined
}

const texts = ['host', 'instance', 'database', 'user', 'password', 'domain', 'token', 'ca', 'schema']
const keys = ['url', 'encrypt', 'trustServerCertificate', ...texts, 'port', 'connect_timeout', 'lock_timeout']

/**
 * Options of a connection: a `url`, or single fields, which win over the URL's.
 * @throws ConfigError naming the bad field.
 */
export function parseOptions(input: Readonly<Record<string, unknown>>): SqlServerOptions {
  const given = new ServerOptions({ name: 'SQL Server', schemes: ['sqlserver', 'mssql'], keys }, input)
  return {
    host: given.text('host') ?? 'localhost',
    port: given.number('port'),
    instance: given.text('instance'),
    database: given.text('database'),
    login: loginOf(given),
    tls: {
      encrypt: given.given('encrypt') === 'strict' ? 'strict' : (given.flag('encrypt', 'true, false or strict') ?? true),
      trustServerCertificate: given.flag('trustServerCertificate') ?? false,
      ca: given.text('ca'),
    },
    schema: given.text('schema'),
    connectTimeoutSeconds: given.number('connect_timeout') ?? 15,
    lockTimeoutSeconds: given.number('lock_timeout') ?? 30,
  }
}

function loginOf(given: ServerOptions): Login {
  const [user, password, domain, token] = ['user', 'password', 'domain', 'token'].map((key) => given.text(key))
  if (token !== undefined) {
    if (user === undefined && password === undefined && domain === undefined) return { kind: 'token', token }
    throw given.bad('token', 'a token alone, or user and password')
  }
  if (user === undefined) {
    throw new ConfigError({
      code: 'BAD_OPTION',
      message: '`user` of a SQL Server connection: expected a login, found none',
      hint: 'give `user` and `password` (with `domain` for a Windows account), or a `token` of Microsoft Entra ID',
    })
  }
  const account = { user, password: password ?? '' }
  return domain === undefined ? { kind: 'password', ...account } : { kind: 'windows', ...account, domain }
}
