import { RunError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** Facts about the server and the database. */
export interface Server {
  /** As people know it: `16.0.4135.4`. */
  readonly version: string
  readonly edition: string
  readonly database: string
  /** Of names without a schema. */
  readonly schema: string
  readonly collation: string
  readonly readOnly: boolean
  readonly isolation: Isolation
  /** By which texts become UTF-8; absent where the server has none. */
  readonly utf8: string | undefined
}

/**
 * How a read is kept from seeing half of what others write: `snapshot` shows one moment over all tables; `statement` shows
 * one moment for each statement (READ_COMMITTED_SNAPSHOT); `locks` holds off writers while a statement reads.
 */
export type Isolation = 'snapshot' | 'statement' | 'locks'

export const serverSql = `
SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')) AS version, CONVERT(nvarchar(128), SERVERPROPERTY('Edition')) AS edition,
       DB_NAME() AS [database], SCHEMA_NAME() AS [schema],
       CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Collation')) AS collation,
       CONVERT(nvarchar(128), DATABASEPROPERTYEX(DB_NAME(), 'Updateability')) AS updateability,
       d.snapshot_isolation_state AS allowed, d.is_read_committed_snapshot_on AS committed
  FROM sys.databases AS d WHERE d.database_id = DB_ID()`

export interface ServerRow {
  readonly [column: string]: unknown
  readonly version: string | null
  readonly edition: string | null
  readonly database: string
  readonly schema: string | null
  readonly collation: string | null
  readonly updateability: string | null
  readonly allowed: number | null
  readonly committed: boolean | null
}

/** What Azure SQL reports, whatever it can do. */
const azure = '12.0.2000.8'

/** @throws RunError where the server is older than SQL Server 2016, which has not what the statements use. */
export function toServer(row: ServerRow | undefined, utf8: string | undefined, { connection, server }: Place): Server {
  if (!row) throw new RunError({ code: 'SERVER_ERROR', message: `${connection} (${server}): the session does not see its database` })
  const version = row.version ?? ''
  const edition = row.edition ?? ''
  const major = Number.parseInt(version, 10)
  if (major < 13 && version !== azure) {
    throw new RunError({
      code: 'SERVER_TOO_OLD',
      message: `${connection} (${server}) runs SQL Server ${version}; expected 2016 (13.0) or later`,
      hint: 'upgrade the server: older versions no longer get fixes',
    })
  }
  return {
    version,
    edition,
    database: row.database,
    schema: row.schema ?? 'dbo',
    collation: row.collation ?? 'SQL_Latin1_General_CP1_CI_AS',
    readOnly: row.updateability === 'READ_ONLY',
    isolation: row.allowed === 1 ? 'snapshot' : row.committed ? 'statement' : 'locks',
    utf8,
  }
}
