import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect } from 'kysely'
import { RunError } from '../core/errors.ts'
import { createPrivateFile } from './exclusive.ts'
import { migrate } from './migrations.ts'
import type { Tables } from './tables.ts'

/**
 * Opens the state database, creating it (mode 0600) and its directory (0700) where absent. Notes made before a commit must
 * outlive a power cut, so every transaction is synced.
 */
export function openStateDatabase(path: string): Kysely<Tables> {
  createPrivately(path)
  const database = open(path)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000')
  migrate(database)
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database) }) })
}

function createPrivately(path: string): void {
  const directory = dirname(path)
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(join(directory, '.gitignore'), '*\n')
  }
  createPrivateFile(path)
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path)
  } catch (cause) {
    throw new RunError({
      code: 'STATE_UNAVAILABLE',
      message: `the state database ${path} cannot be opened`,
      hint: 'check that its directory may be written, or set `state:` to another place',
      cause,
    })
  }
}

/** Kysely's SQLite dialect expects statements that say whether they return rows. */
function adapt(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...(parameters as never[])),
        run: (parameters) => {
          const { changes, lastInsertRowid } = statement.run(...(parameters as never[]))
          return { changes, lastInsertRowid }
        },
        iterate: (parameters) => statement.iterate(...(parameters as never[])),
      }
    },
  }
}
