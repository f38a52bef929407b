/** Facts about the server and this session. */
export interface Server {
  readonly flavor: 'mysql' | 'mariadb'
  /** As people know it: `10.11.6`, `8.0.39`. */
  readonly version: string
  /** The version as a number to compare: 101106, 80039. */
  readonly number: number
  readonly connectionId: number
  /** Whether nothing may be written: `read_only`, without the right to write all the same, or a setting. */
  readonly readOnly: boolean
  /** Whether the server takes `LOAD DATA LOCAL`. */
  readonly localInfile: boolean
  /** Bytes of the longest statement. */
  readonly maxAllowedPacket: number
  /** Whether names of tables are equal in any case (`lower_case_table_names`). */
  readonly foldsTableNames: boolean
}

/** Versions older than these lack what the connector rests on: MySQL 8.0, MariaDB 10.6 (atomic RENAME). */
export function isTooOld({ flavor, number }: Pick<Server, 'flavor' | 'number'>): boolean {
  return number < (flavor === 'mariadb' ? 100_600 : 80_000)
}

/** `5.5.5-10.11.6-MariaDB-log` is MariaDB 10.11.6, `8.0.39-0ubuntu0.22.04.1` MySQL 8.0.39. */
export function parseVersion(text: string): Pick<Server, 'flavor' | 'version' | 'number'> {
  const flavor = /mariadb/i.test(text) ? 'mariadb' : 'mysql'
  const [, version = '0', major = '0', minor = '0', patch = '0'] = /^(?:5\.5\.5-)?((\d+)\.(\d+)\.?(\d*))/.exec(text) ?? []
  return { flavor, version, number: Number(major) * 10_000 + Number(minor) * 100 + Number(patch || 0) }
}

/**
 * The collation in which texts are equal only when they are the same, trailing spaces included. What Syncline creates has it,
 * so that keys which the source tells apart stay apart.
 */
export function exactCollation({ flavor }: Pick<Server, 'flavor'>): string {
  return flavor === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin'
}
