import type { MatrixSystem } from './system.ts'
import { duckdb } from './systems/duckdb.ts'
import { excel } from './systems/excel.ts'
import { mariadb, mysql } from './systems/mysql.ts'
import { parquet } from './systems/parquet.ts'
import { postgres } from './systems/postgres.ts'
import { rest } from './systems/rest.ts'
import { sqlite } from './systems/sqlite.ts'
import { sqlserver } from './systems/sqlserver.ts'
import { csv, json, ndjson } from './systems/text-files.ts'

/** Those that need no server. */
export const embedded: readonly MatrixSystem[] = [csv, excel, json, ndjson, rest, parquet, sqlite, duckdb]

/** Every system of the matrix, in the order of the documentation. */
export const systems: readonly MatrixSystem[] = [postgres, mysql, mariadb, sqlserver, ...embedded]
