import { afterAll, beforeAll, describe } from 'vitest'
import { sqlserver } from '../../src/connectors/sqlserver/sqlserver.ts'
import { type FreshSqlServerDatabase, freshSqlServerDatabase, noServer, type OpenConnection } from '../services/sqlserver.ts'
import { serverHabits } from '../services/sqlserver-habits.ts'
import { describeConnector } from './suite.ts'

const habits = await serverHabits()
let opened: { readonly database: FreshSqlServerDatabase; readonly connection: OpenConnection } | undefined
beforeAll(async () => {
  if (noServer !== undefined) return
  const database = await freshSqlServerDatabase()
  opened = { database, connection: await database.connect() }
}, 60_000)
afterAll(async () => {
  await opened?.connection[Symbol.asyncDispose]()
  await opened?.database[Symbol.asyncDispose]()
}, 60_000)

describe.skipIf(noServer !== undefined)(noServer ?? 'live', () => {
  describeConnector({
    name: 'sqlserver',
    limits: {
      ...unless(habits.keepsCaseOfNames, 'this server tells names in lower case, where SQL Server keeps them', [
        'names keep case, quotes, dots, spaces, and any letters',
        'table names keep case, quotes, dots, spaces, and any letters',
      ]),
      ...unless(habits.judgesUniqueAtEnd, 'this server judges unique values row by row, SQL Server at the end of a statement', [
        'unique values change places between rows',
      ]),
      ...unless(habits.writesHex, 'this server writes no bytes in hexadecimal, which SQL Server does by style 2', [
        'hashes bytes as their canonical texts',
      ]),
    },
    lacks: {
      'decimal(60,20)': [`-${'9'.repeat(40)}.${'9'.repeat(20)}`, `${'9'.repeat(40)}.${'9'.repeat(20)}`],
      decimal: [`${'1234567890'.repeat(100)}`, `-${'9'.repeat(500)}.${'1234567890'.repeat(50)}`, 'NaN', 'Infinity', '-Infinity'],
      real: ['NaN', 'Infinity', '-Infinity'],
      double: ['NaN', 'Infinity', '-Infinity'],
      date: ['infinity', '-infinity', '0044-03-15 BC', '4713-01-01 BC', '5874897-12-31'],
      'time(6)': ['24:00:00'],
      'timestamp(6)': ['infinity', '-infinity', '0044-03-15 12:00:00.000001 BC', '294276-12-31 23:59:59.999999'],
      'timestamptz(6)': ['infinity', '-infinity', '0044-03-15 12:00:00.000001+00 BC', '294276-12-31 23:59:59.999999+00'],
      ...(habits.holdsNul ? {} : { text: ['a\u0000b'] }),
    },
    // A decimal without a declared size becomes decimal(38,15), which tells all of its digits; zero has no sign.
    equates: { decimal: ['0', '1.50', '-0.000000001'], real: ['-0'], double: ['-0'] },
    // The case runs in a database that the one before has emptied: a database for each would take most of the time.
    async prepare() {
      if (!opened) throw new Error('the database was not made')
      const { database, connection } = opened
      return {
        open: async (context) => await sqlserver.open(sqlserver.parseOptions({ url: database.url, lock_timeout: 10 }), context),
        ref: (name) => ({ name }),
        execute: async (statement) => await connection.run(statement),
        [Symbol.asyncDispose]: async () => await emptied(connection),
      }
    },
  })
})

function unless(documented: boolean, reason: string, cases: readonly string[]): Readonly<Record<string, string>> {
  return documented ? {} : Object.fromEntries(cases.map((name) => [name, reason]))
}

/** Views before tables, and those that refer to others before those. */
async function emptied(connection: OpenConnection): Promise<void> {
  const drops = async (type: string, from: string) => {
    const rows = await connection.rows(from)
    await connection.run(...rows.map(([name]) => `DROP ${type} ${name}`))
  }
  await drops('VIEW', 'SELECT QUOTENAME(name) FROM sys.views WHERE is_ms_shipped = 0')
  await drops('TABLE', 'SELECT DISTINCT QUOTENAME(OBJECT_NAME(parent_object_id)) FROM sys.foreign_keys')
  await drops('TABLE', 'SELECT QUOTENAME(name) FROM sys.tables')
}
