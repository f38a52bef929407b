import { ConfigError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'

/** Of libpq, without `allow`. `prefer`: encrypted where the server can, unverified. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface TlsOptions {
  readonly mode: TlsMode
  /** Paths, relative to the config. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

export interface MysqlOptions {
  readonly host: string
  readonly port: number
  /** Path of the server's socket, in place of host and port. */
  readonly socket: string | undefined
  /** Where names without a database live. */
  readonly database: string | undefined
  readonly user: string
  readonly password: string | undefined
  readonly tls: TlsOptions
  /** What `tinyint(1)` means: MySQL's `boolean` is the same type. */
  readonly tinyint1: 'boolean' | 'integer'
  /** Whether rows may be sent by `LOAD DATA LOCAL`, where the server takes it. */
  readonly localInfile: boolean
  readonly connectTimeoutSeconds: number
  readonly lockTimeoutSeconds: number
}

const modes: readonly TlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']

/** The names that MySQL's own clients give the modes. */
const modeNames: Readonly<Record<string, TlsMode>> = {
  disabled: 'disable',
  preferred: 'prefer',
  required: 'require',
  verify_ca: 'verify-ca',
  verify_identity: 'verify-full',
}

const texts = ['host', 'socket', 'database', 'user', 'password', 'sslrootcert', 'sslcert', 'sslkey', 'tinyint1'] as const
const numbers = ['port', 'connect_timeout', 'lock_timeout'] as const
const keys: readonly string[] = ['url', 'ssl', 'sslmode', 'local_infile', ...texts, ...numbers]

/**
 * Options of a connection: a `url` with parameters, or single fields, which win over the URL's.
 * @throws ConfigError naming the bad field.
 */
export function parseOptions(input: Readonly<Record<string, unknown>>): MysqlOptions {
  const { url, ...fields } = input
  refuseUnknown(input)
  if (url !== undefined && typeof url !== 'string') throw bad('url', 'a text such as mysql://user@host/database')
  const given = { ...(url === undefined ? {} : parseUrl(url)), ...present(fields) }
  const text = (key: (typeof texts)[number]) => textField(given, key)
  const number = (key: (typeof numbers)[number]) => numberField(given, key)
  return {
    host: text('host') ?? '127.0.0.1',
    port: number('port') ?? 3306,
    socket: text('socket'),
    database: text('database'),
    user: text('user') ?? 'root',
    password: text('password'),
    tls: { mode: tlsMode(given), rootCertificate: text('sslrootcert'), certificate: text('sslcert'), key: text('sslkey') },
    tinyint1: tinyint1(text('tinyint1')),
    localInfile: flag(given, 'local_infile') ?? true,
    connectTimeoutSeconds: number('connect_timeout') ?? 15,
    lockTimeoutSeconds: number('lock_timeout') ?? 30,
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseUrl(text: string): Fields {
  const form = 'mysql://user:password@host:port/database'
  if (!/^(mysql|mariadb):\/\//i.test(text)) throw bad('url', form)
  const url = URL.parse(text)
  if (!url) throw bad('url', `${form}, with other characters in the password written as %xx`)
  const parameters = Object.fromEntries(url.searchParams)
  refuseUnknown(parameters, 'url')
  return present({
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port,
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: decoded(url.password),
    ...parameters,
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw bad('url', 'a `%` only before two hexadecimal digits (write %25 for the character itself)')
  }
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
    message: `\`${unknown}\` is not ${place === undefined ? 'an option' : 'a URL parameter'} of MySQL; known are ${keys.join(', ')}`,
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
  throw bad(key, 'true or false')
}

/** `ssl` takes true and false too, as drivers do. */
function tlsMode(fields: Fields): TlsMode {
  const value = fields.ssl ?? fields.sslmode
  if (value === undefined) return fields.sslrootcert === undefined ? 'prefer' : 'verify-full'
  if (value === true || value === 'true') return 'require'
  if (value === false || value === 'false') return 'disable'
  const name = String(value).toLowerCase()
  const mode = modes.find((known) => known === name) ?? (Object.hasOwn(modeNames, name) ? modeNames[name] : undefined)
  if (mode) return mode
  throw bad(fields.ssl === undefined ? 'sslmode' : 'ssl', `one of ${modes.join(', ')}`)
}

function tinyint1(value: string | undefined): MysqlOptions['tinyint1'] {
  if (value === undefined || value === 'boolean' || value === 'integer') return value ?? 'boolean'
  throw bad('tinyint1', '`boolean` or `integer`')
}

function bad(key: string, expected: string): ConfigError {
  return new ConfigError({ code: 'BAD_OPTION', message: `\`${key}\` of a MySQL connection: expected ${expected}` })
}
