import { ConfigError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'

/** What tells the options of one kind of server from those of another. */
export interface ServerKind {
  /** As people know it: `PostgreSQL`. */
  readonly name: string
  /** The schemes of its URLs, the one to show first. */
  readonly schemes: readonly [string, ...string[]]
  /** Every option, `url` among them; the others are parameters of a URL, too. */
  readonly keys: readonly string[]
}

type Fields = Readonly<Record<string, unknown>>

/** Options of a connection to a server, not trusted yet: by a `url` with parameters, or one by one, which wins over the URL. */
export class ServerOptions {
  readonly #kind: ServerKind
  readonly #fields: Fields

  /** @throws ConfigError naming an option that there is not, or a URL that is none. It may hold a password and is not repeated. */
  constructor(kind: ServerKind, input: Fields) {
    this.#kind = kind
    const { url, ...fields } = input
    this.#refuseUnknown(Object.keys(input))
    if (url !== undefined && typeof url !== 'string') throw this.bad('url', `a text such as ${kind.schemes[0]}://user@host/database`)
    this.#fields = present({ ...(url === undefined ? {} : present(this.#parseUrl(url))), ...present(fields) })
  }

  /** A field as it was given, `undefined` where it is absent or empty. */
  given(key: string): unknown {
    return this.#fields[key]
  }

  text(key: string): string | undefined {
    const value = this.#fields[key]
    if (value === undefined || typeof value === 'string') return value
    throw this.bad(key, 'a text')
  }

  /** A port, or a number of seconds up to a day. */
  number(key: string): number | undefined {
    const value = this.#fields[key]
    if (value === undefined) return undefined
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
    const most = key === 'port' ? 65_535 : 86_400
    if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number
    throw this.bad(key, `a whole number from 1 to ${most}${key === 'port' ? '' : ', in seconds'}`)
  }

  flag(key: string, expected = 'true or false'): boolean | undefined {
    const value = this.#fields[key]
    if (value === undefined || typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
    throw this.bad(key, expected)
  }

  /** What to throw where a field is not what was expected. */
  bad(key: string, expected: string): ConfigError {
    return new ConfigError({ code: 'BAD_OPTION', message: `\`${key}\` of a ${this.#kind.name} connection: expected ${expected}` })
  }

  #parseUrl(text: string): Fields {
    const [scheme] = this.#kind.schemes
    const form = `${scheme}://user:password@host:port/database`
    if (!this.#kind.schemes.some((known) => text.toLowerCase().startsWith(`${known}://`))) throw this.bad('url', form)
    const url = URL.parse(text)
    if (!url) throw this.bad('url', `${form}, with other characters in the password written as %xx`)
    const parameters = Object.fromEntries(url.searchParams)
    this.#refuseUnknown(Object.keys(parameters), 'url')
    return {
      host: this.#decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')),
      port: url.port,
      database: this.#decoded(url.pathname.slice(1)),
      user: this.#decoded(url.username),
      password: this.#decoded(url.password),
      ...parameters,
    }
  }

  #decoded(text: string): string {
    try {
      return decodeURIComponent(text)
    } catch {
      throw this.bad('url', 'a `%` only before two hexadecimal digits (write %25 for the character itself)')
    }
  }

  #refuseUnknown(given: readonly string[], place?: 'url'): void {
    const { keys, name } = this.#kind
    const unknown = given.find((key) => !keys.includes(key) || (place !== undefined && key === 'url'))
    if (unknown === undefined) return
    const near = nearest(unknown, keys)
    throw new ConfigError({
      code: 'UNKNOWN_OPTION',
      message: `\`${unknown}\` is not ${place === undefined ? 'an option' : 'a URL parameter'} of ${name}; known are ${keys.join(', ')}`,
      ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
    })
  }
}

/** Without what is empty: an absent part of a URL, a key without a value. */
function present(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== ''))
}
