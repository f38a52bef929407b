import { ConfigError } from '../core/errors.ts'
import type { Connector } from './connector.ts'

/** Every connector, by name; its code and its driver are loaded only when a connection of that kind is opened. */
const connectors = {
  files: async () => (await import('./files/files.ts')).files,
  sqlite: async () => (await import('./sqlite/sqlite.ts')).sqlite,
  duckdb: async () => (await import('./duckdb/duckdb.ts')).duckdb,
  postgres: async () => (await import('./postgres/postgres.ts')).postgres,
} satisfies Record<string, () => Promise<Connector<never>>>

export const connectorNames: readonly string[] = Object.keys(connectors)

/** @throws ConfigError naming the connectors that exist. */
export async function loadConnector(name: string): Promise<Connector<unknown>> {
  const load = Object.hasOwn(connectors, name) ? connectors[name as keyof typeof connectors] : undefined
  if (!load) {
    throw new ConfigError({
      code: 'UNKNOWN_CONNECTOR',
      message: `\`${name}\` is not a connector`,
      hint: `connectors are ${connectorNames.join(', ')}`,
    })
  }
  return (await load()) as Connector<unknown>
}
