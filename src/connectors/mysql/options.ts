import { ServerOptions } from '../sql/server-options.ts'

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

const texts = ['host', 'socket', 'database', 'user', 'password', 'sslrootcert', 'sslcert', 'sslkey', 'tinyint1']
const keys = ['url', 'ssl', 'sslmode', 'local_infile', ...texts, 'port', 'connect_timeout', 'lock_timeout']

/**
 * Options of a connection: a `url` with parameters, or single fields, which win over the URL's.
 * @throws ConfigError naming the bad field.
 */
export function parseOptions(input: Readonly<Record<string, unknown>>): MysqlOptions {
  const given = new ServerOptions({ name: 'MySQL', schemes: ['mysql', 'mariadb'], keys }, input)
  return {
    host: given.text('host') ?? '127.0.0.1',
    port: given.number('port') ?? 3306,
    socket: given.text('socket'),
    database: given.text('database'),
    user: given.text('user') ?? 'root',
    password: given.text('password'),
    tls: {
      mode: tlsMode(given),
      rootCertificate: given.text('sslrootcert'),
      certificate: given.text('sslcert'),
      key: given.text('sslkey'),
    },
    tinyint1: tinyint1(given),
    localInfile: given.flag('local_infile') ?? true,
    connectTimeoutSeconds: given.number('connect_timeout') ?? 15,
    lockTimeoutSeconds: given.number('lock_timeout') ?? 30,
  }
}

/** `ssl` takes true and false too, as drivers do. */
function tlsMode(given: ServerOptions): TlsMode {
  const value = given.given('ssl') ?? given.given('sslmode')
  if (value === undefined) return given.given('sslrootcert') === undefined ? 'prefer' : 'verify-full'
  if (value === true || value === 'true') return 'require'
  if (value === false || value === 'false') return 'disable'
  const name = String(value).toLowerCase()
  const mode = modes.find((known) => known === name) ?? (Object.hasOwn(modeNames, name) ? modeNames[name] : undefined)
  if (mode) return mode
  throw given.bad(given.given('ssl') === undefined ? 'sslmode' : 'ssl', `one of ${modes.join(', ')}`)
}

function tinyint1(given: ServerOptions): MysqlOptions['tinyint1'] {
  const value = given.text('tinyint1')
  if (value === undefined || value === 'boolean' || value === 'integer') return value ?? 'boolean'
  throw given.bad('tinyint1', '`boolean` or `integer`')
}
