import { freshSqlServerDatabase, noServer, type OpenConnection } from './sqlserver.ts'

/**
 * What the server at hand does otherwise than SQL Server's documentation says: not every server that speaks TDS is one. Each
 * is found by asking, so that a real SQL Server skips nothing.
 */
export interface Habits {
  /** Names keep their case in the catalog. */
  readonly keepsCaseOfNames: boolean
  /** Unique indexes are judged at the end of a statement, so that one can exchange values. */
  readonly judgesUniqueAtEnd: boolean
  /** `nvarchar` holds U+0000. */
  readonly holdsNul: boolean
  /** A second has seven digits after the point. */
  readonly holdsSevenDigits: boolean
  /** Rows can be deleted through a common table expression that numbers them. */
  readonly deletesNumberedRows: boolean
  /** `CONVERT` writes bytes in hexadecimal, in its styles 1 and 2. */
  readonly writesHex: boolean
  /** `rowversion` columns, and `MIN_ACTIVE_ROWVERSION()`. */
  readonly countsVersions: boolean
}

const documented: Habits = {
  keepsCaseOfNames: true,
  judgesUniqueAtEnd: true,
  holdsNul: true,
  holdsSevenDigits: true,
  deletesNumberedRows: true,
  writesHex: true,
  countsVersions: true,
}

export async function serverHabits(): Promise<Habits> {
  if (noServer !== undefined) return documented
  await using database = await freshSqlServerDatabase()
  await using connection = await database.connect()
  return {
    keepsCaseOfNames: await holds(
      connection,
      ['CREATE TABLE [Aa] (a int)'],
      "SELECT COUNT(*) FROM sys.tables WHERE name = N'Aa' COLLATE Latin1_General_BIN2",
    ),
    judgesUniqueAtEnd: await holds(
      connection,
      ['CREATE TABLE swapped (a int UNIQUE)', 'INSERT INTO swapped VALUES (1), (2)', 'UPDATE swapped SET a = 3 - a'],
      'SELECT COUNT(*) FROM swapped',
    ),
    holdsNul: await holds(connection, [], 'SELECT LEN(NCHAR(0) + NCHAR(65))'),
    holdsSevenDigits: await holds(
      connection,
      [],
      "SELECT 1 WHERE CONVERT(varchar(30), CONVERT(datetime2(7), '2024-03-31 02:30:00.1234567'), 121) LIKE '%.1234567'",
    ),
    deletesNumberedRows: await holds(
      connection,
      [
        'CREATE TABLE twins (a int)',
        'INSERT INTO twins VALUES (1), (1)',
        'WITH t AS (SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY a) AS n FROM twins) DELETE t FROM t WHERE t.n > 1',
      ],
      'SELECT COUNT(*) FROM twins HAVING COUNT(*) = 1',
    ),
    writesHex: await holds(connection, [], "SELECT 1 WHERE CONVERT(varchar(10), 0x8D, 2) = '8D'"),
    countsVersions: await holds(
      connection,
      ['CREATE TABLE versioned (a int, v rowversion)', 'INSERT INTO versioned (a) VALUES (1)'],
      'SELECT COUNT(*) FROM versioned WHERE v < MIN_ACTIVE_ROWVERSION() OR v > 0x',
    ),
  }
}

/** Whether all statements are taken and the query then counts something. */
async function holds(connection: OpenConnection, statements: readonly string[], query: string): Promise<boolean> {
  try {
    await connection.run(...statements)
    const [[count] = []] = await connection.rows(query)
    return Number(count) > 0
  } catch {
    return false
  }
}
