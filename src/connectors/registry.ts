import { ConfigError } from '../core/errors.ts'
import type { Connector, Context, Endpoint } from './connector.ts'

type Open = (options: Readonly<Record<string, unknown>>, context: Context) => Promise<Endpoint>

/** Every connector, by name; its code and its driver are loaded only when a connection of that kind is opened. */
const connectors: Readonly<Record<string, Open>> = {
  files: lazily(async () => (await import('./files/files.ts')).files),
  sqlite: lazily(async () => (await import('./sqlite/sqlite.ts')).sqlite),
  duckdb: lazily(async () => (await import('./duckdb/duckdb.ts')).duckdb),
  rest: lazily(async () => (await import('./rest/rest.ts')).rest),
  postgres: lazily(async () => (await import('./postgres/postgres.ts')).postgres),
  mysql: lazily(async () => (await import('./mysql/mysql.ts')).mysql),
  sqlserver: lazily(async () => (await import('./sqlserver/sqlserver.ts')).sqlserver),
}

/**
 * Opens an endpoint by its connector's name; `options` are not trusted yet.
 * @throws ConfigError naming the connectors that exist, or the option that is wrong.
 */
export async function openConnector(name: string, options: Readonly<Record<string, unknown>>, context: Context): Promise<Endpoint> {
  const open = Object.hasOwn(connectors, name) ? connectors[name] : undefined
  if (open) return await open(options, context)
  throw new ConfigError({
    code: 'UNKNOWN_CONNECTOR',
    message: `\`${name}\` is not a connector`,
    hint: `connectors are ${Object.keys(connectors).join(', ')}`,
  })
}

function lazily<Options>(load: () => Promise<Connector<Options>>): Open {
  return async (options, context) => {
    const connector = await load()
    return await connector.open(connector.parseOptions(options), context)
  }
}
