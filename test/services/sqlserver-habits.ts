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
  /** Every `CREATE` keeps what it is given: views follow their tables by name. */
  readonly viewsGoByName: boolean
}

const documented: Habits = { keepsCaseOfNames: true, judgesUniqueAtEnd: true, holdsNul: true, viewsGoByName: true }

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
    viewsGoByName: await holds(
      connection,
      [
        'CREATE TABLE seen (a int)',
        'CREATE VIEW seeing AS SELECT a FROM seen',
        'DROP TABLE seen',
        'CREATE TABLE seen (a int)',
        'INSERT INTO seen VALUES (1)',
      ],
      'SELECT COUNT(*) FROM seeing',
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
