import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { freshMysqlDatabase } from '../services/mysql.ts'
import { freshDatabase } from '../services/postgres.ts'
import type { Cells, Change, Row } from './content.ts'
import { changeSql, insertSql } from './statements.ts'

export type System = 'PostgreSQL' | 'MySQL' | 'SQLite'

/** A database of its own, written and read without Syncline. Disposing removes it. */
export interface Store extends AsyncDisposable {
  readonly system: System
  /** What a config names. */
  readonly url: string
  /**
   * @param keyed whether `id` is the primary key.
   * @param check what must be true of each row: a constraint of the table.
   */
  create(table: string, keyed: boolean, check?: string): Promise<void>
  insert(table: string, rows: readonly Row[]): Promise<void>
  /** All of it at once. */
  change(table: string, change: Change): Promise<void>
  run(...statements: readonly string[]): Promise<void>
  /** Every row, each cell as text. */
  cells(table: string): Promise<readonly Cells[]>
  /** Tells one content from another in one statement; `absent` where there is no such table. */
  glance(table: string): Promise<string>
  tables(): Promise<readonly string[]>
}

/** URLs of servers that are not those of the environment. */
export type Servers = Partial<Readonly<Record<System, string>>>

export async function openStore(system: System, file: string, servers: Servers = {}): Promise<Store> {
  if (system === 'SQLite') return sqliteStore(file)
  return system === 'PostgreSQL' ? await postgresStore(servers.PostgreSQL) : await mysqlStore(servers.MySQL)
}

const columns = 'id, name, amount, note'

async function postgresStore(server: string | undefined): Promise<Store> {
  const database = await freshDatabase(server)
  return {
    ...serverStore('PostgreSQL', database, {
      types: ['bigint', 'text', 'numeric(18, 4)', 'text'],
      sum: 'count(*), sum(hashtextextended(ROW(id, name, amount, note)::text, 0))',
      missing: '42P01',
      tables: "SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    }),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  }
}

async function mysqlStore(server: string | undefined): Promise<Store> {
  const database = await freshMysqlDatabase(server)
  return {
    ...serverStore('MySQL', database, {
      types: ['bigint', 'varchar(200) COLLATE utf8mb4_bin', 'decimal(18, 4)', 'text'],
      sum: "COUNT(*), SUM(CRC32(CONCAT_WS('|', id, COALESCE(name, '?'), amount, note)))",
      missing: 'ER_NO_SUCH_TABLE',
      tables: 'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()',
    }),
    [Symbol.asyncDispose]: async () => await database[Symbol.asyncDispose](),
  }
}

interface Dialect {
  /** Of the columns, in their order. */
  readonly types: readonly string[]
  readonly sum: string
  /** The code of the error where a table is not there. */
  readonly missing: string
  readonly tables: string
}

interface Database {
  readonly url: string
  run(...statements: readonly string[]): Promise<void>
  rows(query: string): Promise<readonly Cells[]>
}

function serverStore(system: 'PostgreSQL' | 'MySQL', database: Database, dialect: Dialect): Omit<Store, typeof Symbol.asyncDispose> {
  return {
    system,
    url: database.url,
    create: async (table, keyed, check) => await database.run(createSql(table, dialect.types, { keyed, check })),
    insert: async (table, rows) => await database.run(...insertSql(system, table, rows)),
    change: async (table, change) => await database.run('BEGIN', ...changeSql(system, table, change), 'COMMIT'),
    run: async (...statements) => await database.run(...statements),
    cells: async (table) => await database.rows(`SELECT ${columns} FROM ${table}`),
    glance: async (table) => {
      try {
        return String((await database.rows(`SELECT ${dialect.sum} FROM ${table}`))[0])
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === dialect.missing) return 'absent'
        throw error
      }
    },
    tables: async () => (await database.rows(dialect.tables)).map(([name]) => String(name)).sort(),
  }
}

function sqliteStore(file: string): Store {
  const using = <Result>(action: (database: DatabaseSync) => Result): Result => {
    const database = new DatabaseSync(file, { timeout: 10_000 })
    try {
      return action(database)
    } finally {
      database.close()
    }
  }
  const cells = (sql: string) =>
    using((database) =>
      database
        .prepare(sql)
        .all()
        .map((row) => Object.values(row).map((cell) => (cell === null ? null : String(cell)))),
    )
  const run = (statements: readonly string[]) =>
    using((database) => {
      for (const statement of statements) database.exec(statement)
    })
  return {
    system: 'SQLite',
    url: file,
    create: async (table, keyed, check) => run([createSql(table, ['INTEGER', 'TEXT', 'TEXT', 'TEXT'], { keyed, check })]),
    insert: async (table, rows) => run(['BEGIN', ...insertSql('SQLite', table, rows), 'COMMIT']),
    change: async (table, change) => run(['BEGIN', ...changeSql('SQLite', table, change), 'COMMIT']),
    run: async (...statements) => run(statements),
    cells: async (table) => cells(`SELECT ${columns} FROM ${table}`),
    glance: async (table) => {
      const [[found] = []] = cells(`SELECT count(*) FROM sqlite_schema WHERE name = '${table}'`)
      if (found === '0') return 'absent'
      return String(
        cells(
          `SELECT count(*), sum(id * (length(note) + 1)), sum(length(name)), sum(CAST(replace(amount, '.', '') AS INTEGER)) FROM ${table}`,
        )[0],
      )
    },
    tables: async () => cells("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").map(([name]) => String(name)),
    [Symbol.asyncDispose]: async () => {
      for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    },
  }
}

interface Constraints {
  readonly keyed: boolean
  readonly check: string | undefined
}

function createSql(table: string, [id, name, amount, note]: readonly string[], { keyed, check }: Constraints): string {
  const columns = [`id ${id} NOT NULL${keyed ? ' PRIMARY KEY' : ''}`, `name ${name}`, `amount ${amount} NOT NULL`, `note ${note} NOT NULL`]
  return `CREATE TABLE ${table} (${[...columns, ...(check === undefined ? [] : [check])].join(', ')})`
}
