import { ConfigError } from '../../core/errors.ts'

/**
 * The fields of `sqlserver://user:password@host:port/database?encrypt=strict`, options being parameters; `mssql:` means the
 * same.
 * @throws ConfigError where it is no such URL. It may hold a password and is not repeated.
 */
export function parseUrl(text: string): Readonly<Record<string, string>> {
  const url = URL.parse(text)
  if (!url || !/^(sqlserver|mssql):$/i.test(url.protocol) || !/^[a-z]+:\/\//i.test(text)) throw badUrl()
  return {
    host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port,
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: decoded(url.password),
    ...Object.fromEntries(url.searchParams),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw badUrl()
  }
}

function badUrl(): ConfigError {
  return new ConfigError({
    code: 'BAD_OPTION',
    message: '`url` of a SQL Server connection: expected sqlserver://user:password@host:port/database',
    hint: 'write other characters of the password as %xx, a `%` itself as %25',
  })
}
