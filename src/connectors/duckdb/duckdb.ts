import type { Connector } from '../connector.ts'
import { openEndpoint } from './endpoint.ts'
import { type DuckdbOptions, parseOptions } from './options.ts'

/** DuckDB database files. */
export const duckdb: Connector<DuckdbOptions> = { name: 'duckdb', parseOptions, open: openEndpoint }
