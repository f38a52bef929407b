import { ServerOptions } from '../sql/server-options.ts'

/** Of libpq, without `allow`. `prefer`: encrypted where the server can, unverified. */
export type TlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

export interface TlsOptions {
  readonly mode: TlsMode
  /** Paths, relative to the config; `system` for a root certificate stands for the machine's own. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
}

export interface PostgresOptions {
  /** What is undefined is taken from libpq's environment (`PGHOST` …), then its defaults. */
  readonly host: string | undefined
  readonly port: number | undefined
  readonly database: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions
  /** Where names without a schema live; first on the search path. */
  readonly schema: string
  readonly connectTimeoutSeconds: number
  readonly lockTimeoutSeconds: number
}

const modes: readonly TlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']

const texts = ['host', 'database', 'user', 'password', 'sslrootcert', 'sslcert', 'sslkey', 'schema']
const keys = ['url', 'ssl', 'sslmode', ...texts, 'port', 'connect_timeout', 'lock_timeout']

/**
 * Options of a connection: a `url` with libpq's parameters, or single fields, which win over the URL's.
 * @throws ConfigError naming the bad field.
 */
export function parseOptions(input: Readonly<Record<string, unknown>>): PostgresOptions {
  const given = new ServerOptions({ name: 'PostgreSQL', schemes: ['postgres', 'postgresql'], keys }, input)
  return {
    host: given.text('host'),
    port: given.number('port'),
    database: given.text('database'),
    user: given.text('user'),
    password: given.text('password'),
    tls: {
      mode: tlsMode(given),
      rootCertificate: given.text('sslrootcert'),
      certificate: given.text('sslcert'),
      key: given.text('sslkey'),
    },
    schema: given.text('schema') ?? 'public',
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
  const mode = modes.find((known) => known === value)
  if (mode) return mode
  throw given.bad(given.given('ssl') === undefined ? 'sslmode' : 'ssl', `one of ${modes.join(', ')}`)
}
