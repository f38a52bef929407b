import { RunError } from '../../../core/errors.ts'
import type { RestRequest } from './client.ts'
import { type Asked, subject } from './errors.ts'
import type { RestOptions } from './options.ts'

/**
 * Where a request goes: a path goes on behind the connection's url, `/` and an empty path are that url itself, an absolute
 * url stands for itself. Parameters of the connection are added where the url has none of that name.
 * @throws RunError (`OTHER_HOST`) where it leads to another origin.
 */
export function urlOf({ url: base, params: standing }: RestOptions, { path, params = {} }: RestRequest, asked: Asked): URL {
  const url = /^https?:\/\//i.test(path) ? URL.parse(path) : joined(base, path)
  if (url?.origin !== base.origin) throw otherHost(asked, url?.origin, base.origin)
  url.hash = ''
  const missing = Object.entries(standing).filter(([name]) => !url.searchParams.has(name))
  return withParams(url, { ...Object.fromEntries(missing), ...params })
}

/** The same url with these parameters. What it has besides stays as it is written: a server may have signed it. */
export function withParams(url: URL, params: Readonly<Record<string, string>>): URL {
  const result = new URL(url)
  for (const [name, value] of Object.entries(params)) {
    if (result.searchParams.has(name)) result.searchParams.set(name, value)
    else result.search += `${result.search === '' ? '?' : '&'}${new URLSearchParams({ [name]: value })}`
  }
  return result
}

function joined(base: URL, path: string): URL | null {
  const [, place = '', query = ''] = /^([^?]*)(\?.*)?$/s.exec(path) ?? []
  if (place === '' || place === '/') return URL.parse(`${base.href}${query}`)
  return URL.parse(`${base.href.replace(/\/$/, '')}${place.startsWith('/') ? '' : '/'}${place}${query}`)
}

function otherHost(asked: Asked, found: string | undefined, expected: string): RunError {
  return new RunError({
    code: 'OTHER_HOST',
    message: `${subject(asked)} leads to ${found ?? 'an address that is none'}; expected one on ${expected}`,
    hint: 'credentials are not sent to other hosts; if that one is right, name it as `url` of a connection',
  })
}
