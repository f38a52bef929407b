import type { Connector } from '../connector.ts'
import { openEndpoint } from './endpoint.ts'
import { parseOptions, type SqliteOptions } from './options.ts'

/** SQLite database files, by the engine that comes with Node. */
export const sqlite: Connector<SqliteOptions> = { name: 'sqlite', parseOptions, open: openEndpoint }
