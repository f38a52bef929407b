import { Section, unitMilliseconds } from '../section.ts'
import { type AuthOptions, authKeys, parseAuth } from './auth-options.ts'

/** How an API is reached; the same for everything that is read from it and written to it. */
export interface RestOptions {
  /** Without credentials, query and fragment; no slash at its end unless it was written. */
  readonly url: URL
  readonly auth: AuthOptions
  readonly headers: Readonly<Record<string, string>>
  /** Parameters of every request; those of the URL among them. */
  readonly params: Readonly<Record<string, string>>
  /** Milliseconds from one request to the next, at least. */
  readonly spacing: number
  /** Requests under way at the same time, at most. */
  readonly concurrency: number
  readonly timeouts: Timeouts
  readonly retries: Retries
  /** A file with certificates of authorities to trust besides Node's own, PEM, relative to the config. */
  readonly ca: string | undefined
}

/** Milliseconds. */
export interface Timeouts {
  readonly connect: number
  /** Until the head of the answer is there. */
  readonly response: number
  /** Between two parts of its body. */
  readonly idle: number
}

export interface Retries {
  /** How often a request is tried again. */
  readonly times: number
  /** Milliseconds before the first retry; doubled by each. */
  readonly wait: number
  /** The longest wait in milliseconds that a server may ask for. */
  readonly longest: number
}

const keys = ['url', 'auth', 'headers', 'params', 'rate', 'concurrency', 'timeouts', 'retries', 'ca']

/**
 * Options of a connection to an API.
 * @throws ConfigError naming the bad field, never its value.
 */
export function parseRestOptions(input: Readonly<Record<string, unknown>>): RestOptions {
  const section = new Section('a REST connection', input, keys)
  const url = parseUrl(section)
  const { username, password } = url
  const params = { ...Object.fromEntries(url.searchParams), ...section.texts('params') }
  for (const part of ['username', 'password', 'search', 'hash'] as const) url[part] = ''
  return {
    url,
    auth: loginOf(username, password) ?? parseAuth(section.section('auth', authKeys)),
    headers: section.headers('headers'),
    params,
    spacing: parseRate(section),
    concurrency: section.whole('concurrency', 1, 256) ?? 4,
    timeouts: parseTimeouts(section.section('timeouts', ['connect', 'response', 'idle'])),
    retries: parseRetries(section),
    ca: section.text('ca'),
  }
}

function parseUrl(section: Section): URL {
  const url = URL.parse(section.needed('url'))
  if (!url || !/^https?:$/.test(url.protocol)) throw section.bad('url', 'https://host/path, or http:// where nothing is secret')
  if (url.username !== '' && section.has('auth')) throw section.bad('auth', 'no login where `url` holds one')
  const doubled = [...url.searchParams.keys()].find((name, index, all) => all.indexOf(name) !== index)
  if (doubled !== undefined) throw section.bad('url', 'every parameter once')
  return url
}

function loginOf(username: string, password: string): AuthOptions | undefined {
  return username === '' ? undefined : { kind: 'basic', user: decodeURIComponent(username), password: decodeURIComponent(password) }
}

/** `10/s`, `600 per minute`: spread evenly, so that no server sees them all at once. */
function parseRate(section: Section): number {
  const rate = section.text('rate')
  if (rate === undefined) return 0
  const [, amount, unit = ''] = /^\s*(\d+)\s*(?:\/|per\s)\s*([a-z]+)\s*$/i.exec(rate) ?? []
  const milliseconds = unitMilliseconds(unit)
  if (Number(amount) > 0 && milliseconds !== undefined) return milliseconds / Number(amount)
  throw section.bad('rate', 'requests in a time, such as 10/s or 600 per minute')
}

function parseTimeouts(section: Section | undefined): Timeouts {
  return {
    connect: section?.duration('connect') ?? 10_000,
    response: section?.duration('response') ?? 60_000,
    idle: section?.duration('idle') ?? 60_000,
  }
}

/** A number alone says how often. */
function parseRetries(section: Section): Retries {
  const alone = typeof section.get('retries') === 'number'
  const map = alone ? undefined : section.section('retries', ['times', 'wait', 'longest'])
  const times = alone ? section.whole('retries', 0, 100) : map?.whole('times', 0, 100)
  return { times: times ?? 5, wait: map?.duration('wait') ?? 500, longest: map?.duration('longest') ?? 300_000 }
}
