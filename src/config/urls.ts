import { fileURLToPath } from 'node:url'
import { ConfigError } from '../core/errors.ts'
import { didYouMean } from '../core/nearest.ts'

/** The connector of each URL scheme; those whose URL is nothing but a path stand as `path`. */
const schemes: Readonly<Record<string, { readonly type: string; readonly holds: 'url' | 'path' }>> = {
  postgres: { type: 'postgres', holds: 'url' },
  postgresql: { type: 'postgres', holds: 'url' },
  mysql: { type: 'mysql', holds: 'url' },
  mariadb: { type: 'mysql', holds: 'url' },
  sqlserver: { type: 'sqlserver', holds: 'url' },
  mssql: { type: 'sqlserver', holds: 'url' },
  sqlite: { type: 'sqlite', holds: 'path' },
  duckdb: { type: 'duckdb', holds: 'path' },
  file: { type: 'files', holds: 'path' },
  https: { type: 'rest', holds: 'url' },
  http: { type: 'rest', holds: 'url' },
}

export type UrlTarget =
  | { readonly kind: 'url'; readonly type: string; readonly url: string }
  | { readonly kind: 'path'; readonly type: string; readonly path: string }

/** Whether a text begins as a URL does: two or more letters and a colon (rule 21). */
export function isUrl(text: string): boolean {
  return /^[A-Za-z][A-Za-z\d+.-]+:/.test(text)
}

export function isWebUrl(text: string): boolean {
  return /^https?:/i.test(text)
}

/** @throws ConfigError (`UNKNOWN_SCHEME`) listing the schemes that exist. */
export function urlTarget(url: string): UrlTarget {
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase()
  const known = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined
  if (!known) {
    const meant = didYouMean(scheme, Object.keys(schemes))
    throw new ConfigError({
      code: 'UNKNOWN_SCHEME',
      message: `no connector takes URLs that begin with \`${scheme}:\``,
      hint: `${meant === undefined ? '' : `${meant} `}known are ${Object.keys(schemes).join(':, ')}:`,
    })
  }
  return known.holds === 'url' ? { kind: 'url', type: known.type, url } : { kind: 'path', type: known.type, path: pathOf(url, scheme) }
}

/** `sqlite:./a.db`, `sqlite:/a.db`, `sqlite:///a.db`, `file:///C:/data`: what follows the scheme, or two slashes. */
function pathOf(url: string, scheme: string): string {
  if (/^file:\/\//i.test(url)) return fileURLToPath(url)
  const rest = url.slice(scheme.length + 1).replace(/^\/\//, '')
  return rest.replace(/^\/(?=[A-Za-z]:[\\/])/, '')
}

/** The URL as people may see it: passwords left out, in the login and in parameters; of an API everything that may be a key. */
export function withoutPassword(url: string): string {
  if (isWebUrl(url)) return url.replace(/^(https?:\/\/)[^/?#]*@/i, '$1').replace(/\?[^#]*/, '')
  return url
    .replace(/^([A-Za-z][\w+.-]+:\/\/)([^/?]*)@/, (_, head: string, login: string) => `${head}${login.split(':', 1)[0]}@`)
    .replace(/([?&])(?:password|sslpassword|passwd|pwd|token|secret)=[^&#]*&?/gi, '$1')
    .replace(/[?&]+(?=#|$)/, '')
}
