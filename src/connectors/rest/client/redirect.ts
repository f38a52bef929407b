import { RunError } from '../../../core/errors.ts'
import { type Asked, subject } from './errors.ts'

export function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status)
}

/** Where a redirect leads. @throws RunError where it leads to another origin: credentials stay where they belong. */
export function redirected(location: string, from: URL, asked: Asked): URL {
  const to = URL.parse(location, from.href)
  if (to?.origin === from.origin) return to
  throw new RunError({
    code: 'OTHER_HOST',
    message: `${subject(asked)} was redirected to ${to ? to.origin : 'an address that is none'}, which is not ${from.origin}`,
    hint: 'credentials are not sent to other hosts; if that one is right, name it as `url` of the connection',
  })
}
