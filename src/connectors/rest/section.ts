import { ConfigError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'

/**
 * A map of untrusted options, read key by key. Errors name the key by its path and never its value: it may be a secret.
 * @throws ConfigError from every method where what stands there is not what was expected.
 */
export class Section {
  /** `auth.oauth2`, for example; empty at the top. */
  readonly path: string
  readonly #subject: string
  readonly #fields: Readonly<Record<string, unknown>>

  /**
   * @param subject whose options these are, for messages: `a REST connection`.
   * @param known every key that there is.
   */
  constructor(subject: string, input: unknown, known: readonly string[], path = '') {
    this.path = path
    this.#subject = subject
    if (typeof input !== 'object' || input === null || Array.isArray(input)) throw this.bad('', `a map with ${known.join(', ')}`)
    this.#fields = { ...input }
    for (const key of Object.keys(this.#fields)) if (!known.includes(key)) throw this.#unknown(key, known)
  }

  get(key: string): unknown {
    return this.#fields[key] ?? undefined
  }

  has(key: string): boolean {
    return this.get(key) !== undefined
  }

  text(key: string): string | undefined {
    const value = this.get(key)
    if (value === undefined || (typeof value === 'string' && value !== '')) return value
    throw this.bad(key, 'a text')
  }

  needed(key: string): string {
    const value = this.text(key)
    if (value === undefined) throw this.bad(key, 'a text, found nothing')
    return value
  }

  /** A text that may stand in a header of HTTP. */
  headerText(key: string): string | undefined {
    const value = this.text(key)
    if (value === undefined || isHeaderValue(value)) return value
    throw this.bad(key, 'a text of visible ASCII characters, as a header of HTTP takes it')
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const value = this.get(key)
    const word = words.find((one) => one === value)
    if (value === undefined || word !== undefined) return word
    throw this.bad(key, `one of ${words.join(', ')}`)
  }

  flag(key: string): boolean | undefined {
    const value = this.get(key)
    if (value === undefined || typeof value === 'boolean') return value
    throw this.bad(key, 'true or false')
  }

  whole(key: string, least: number, most: number): number | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    throw this.bad(key, `a whole number from ${least} to ${most}`)
  }

  /** Milliseconds: a number of seconds, or a text such as `500 ms`, `30s`, `2 minutes`, `1 hour`. */
  duration(key: string): number | undefined {
    const value = this.get(key)
    if (value === undefined) return undefined
    const [, amount, unit = 's'] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)?\s*$/i.exec(String(value)) ?? []
    const milliseconds = Number(amount) * (unitMilliseconds(unit) ?? Number.NaN)
    if (milliseconds > 0 && milliseconds <= longest) return milliseconds
    throw this.bad(key, 'a time such as 500 ms, 30s, 2 minutes or 1 hour, at most a day')
  }

  /** Texts by name; numbers and booleans are taken as they are written. */
  texts(key: string): Readonly<Record<string, string>> {
    const value = this.get(key)
    if (value === undefined) return {}
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw this.bad(key, 'a map of names to texts')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, this.#scalar(`${key}.${name}`, one)]))
  }

  /** Names of HTTP headers and their values. */
  headers(key: string): Readonly<Record<string, string>> {
    const headers = this.texts(key)
    for (const [name, value] of Object.entries(headers)) {
      if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw this.bad(key, 'names that a header of HTTP may have')
      if (!isHeaderValue(value)) throw this.bad(`${key}.${name}`, 'a text of visible ASCII characters, as a header of HTTP takes it')
    }
    return headers
  }

  section(key: string, known: readonly string[]): Section | undefined {
    const value = this.get(key)
    return value === undefined ? undefined : new Section(this.#subject, value, known, this.#at(key))
  }

  /** The error for a key that holds something else. */
  bad(key: string, expected: string, hint?: string): ConfigError {
    const where = this.#at(key) || 'the options'
    const message = `\`${where}\` of ${this.#subject}: expected ${expected}`
    return new ConfigError({ code: 'BAD_OPTION', message, ...(hint === undefined ? {} : { hint }) })
  }

  #at(key: string): string {
    return [this.path, key].filter((part) => part !== '').join('.')
  }

  #scalar(key: string, value: unknown): string {
    if (typeof value === 'string') return value
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    throw this.bad(key, 'a text, a number, true or false')
  }

  #unknown(key: string, known: readonly string[]): ConfigError {
    const near = nearest(key, known)
    const place = this.path === '' ? this.#subject : `\`${this.path}\` of ${this.#subject}`
    return new ConfigError({
      code: 'UNKNOWN_OPTION',
      message: `\`${key}\` is not an option of ${place}; known are ${known.join(', ')}`,
      ...(near === undefined ? {} : { hint: `did you mean \`${near}\`?` }),
    })
  }
}

const longest = 86_400_000

const units: readonly (readonly [pattern: RegExp, milliseconds: number])[] = [
  [/^(ms|milliseconds?)$/i, 1],
  [/^(s|sec|seconds?)$/i, 1_000],
  [/^(m|min|minutes?)$/i, 60_000],
  [/^(h|hours?)$/i, 3_600_000],
  [/^(d|days?)$/i, 86_400_000],
]

/** The length of a unit of time by its name, short or long. */
export function unitMilliseconds(name: string): number | undefined {
  return units.find(([pattern]) => pattern.test(name))?.[1]
}

function isHeaderValue(text: string): boolean {
  return /^[\x20-\x7e\t]*$/.test(text)
}
