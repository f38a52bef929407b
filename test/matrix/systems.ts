import type { MatrixSystem } from './system.ts'
import { duckdb } from './systems/duckdb.ts'
import { parquet } from './systems/parquet.ts'
import { postgres } from './systems/postgres.ts'
import { sqlite } from './systems/sqlite.ts'
import { csv, json, ndjson } from './systems/text-files.ts'

/** Those that need no server. */
export const embedded: readonly MatrixSystem[] = [csv, json, ndjson, parquet, sqlite, duckdb]

/** Every system of the matrix, in the order of the documentation. */
export const systems: readonly MatrixSystem[] = [postgres, ...embedded]
