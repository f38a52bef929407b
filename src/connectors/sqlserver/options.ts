import { ConfigError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { parseUrl } from './url.ts'

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

const texts = ['host', 'instance', 'database', 'user', 'password', 'domain', 'token', 'ca', 'schema'] as const
const numbers = ['port', 'connect_timeout', 'lock_timeout'] as const
const keys: readonly string[] = ['url', 'encrypt', 'trustServerCertificate', ...texts, ...numbers]

/**
 * Options of a connection: a `url`, or single fields, which win over the URL's.
 * @throws ConfigError naming the bad field.
 */
export function parseOptions(input: Readonly<Record<string, unknown>>): SqlServerOptions {
  const { url, ...fields } = input
  refuseUnknown(input)
  if (url !== undefined && typeof url !== 'string') throw bad('url', 'a text such as sqlserver://user@host/database')
  const fromUrl = url === undefined ? {} : parseUrl(url)
  refuseUnknown(fromUrl, 'url')
  const given = present({ ...present(fromUrl), ...present(fields) })
  const text = (key: (typeof texts)[number]) => textField(given, key)
  const number = (key: (typeof numbers)[number]) => numberField(given, key)
  return {
    host: text('host') ?? 'localhost',
    port: number('port'),
    instance: text('instance'),
    database: text('database'),
    login: loginOf(text('user'), text('password'), text('domain'), text('token')),
    tls: {
      encrypt: given.encrypt === 'strict' ? 'strict' : (flag(given, 'encrypt') ?? true),
      trustServerCertificate: flag(given, 'trustServerCertificate') ?? false,
      ca: text('ca'),
    },
    schema: text('schema'),
    connectTimeoutSeconds: number('connect_timeout') ?? 15,
    lockTimeoutSeconds: number('lock_timeout') ?? 30,
  }
}

type Fields = Readonly<Record<string, unknown>>

function loginOf(user: string | undefined, password: string | undefined, domain: string | undefined, token: string | undefined): Login {
  if (token !== undefined) {
    if (user === undefined && password === undefined && domain === undefined) return { kind: 'token', token }
    throw bad('token', 'a token alone, or user and password')
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

/** Without what is empty: an absent part of a URL, a key without a value. */
function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''))
}

function refuseUnknown(fields: Fields, place?: string): void {
  const unknown = Object.keys(fields).find((key) => !keys.includes(key) || (place !== undefined && key === 'url'))
  if (unknown === undefined) return
  const near = nearest(unknown, keys)
  throw new ConfigError({
    code: 'UNKNOWN_OPTION',
    message: `\`${unknown}\` is not ${place === undefined ? 'an option' : 'a URL parameter'} of SQL Server; known are ${keys.join(', ')}`,
    ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
  })
}

function textField(fields: Fields, key: string): string | undefined {
  const value = fields[key]
  if (value === undefined || typeof value === 'string') return value
  throw bad(key, 'a text')
}

function numberField(fields: Fields, key: string): number | undefined {
  const value = fields[key]
  if (value === undefined) return undefined
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  const most = key === 'port' ? 65_535 : 86_400
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number
  throw bad(key, `a whole number from 1 to ${most}${key === 'port' ? '' : ', in seconds'}`)
}

function flag(fields: Fields, key: string): boolean | undefined {
  const value = fields[key]
  if (value === undefined || typeof value === 'boolean') return value
  if (value === 'true' || value === 'false') return value === 'true'
  throw bad(key, key === 'encrypt' ? 'true, false or strict' : 'true or false')
}

function bad(key: string, expected: string): ConfigError {
  return new ConfigError({ code: 'BAD_OPTION', message: `\`${key}\` of a SQL Server connection: expected ${expected}` })
}
