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
 * @throws RunError (`STATE_UNAVAILABLE`), as everything does that is asked of it: its disk may be full.
 */
export function openStateDatabase(path: string): Kysely<Tables> {
  return usingState(path, () => {
    createPrivately(path)
    const database = new DatabaseSync(path)
    database.exec('PRAGMA busy_timeout = 10000')
    useWriteAheadLog(database)
    database.exec('PRAGMA synchronous = FULL')
    migrate(database)
    return new Kysely<Tables>({ dialect: new SqliteDialect({ database: adapt(database, path) }) })
  })
}

function createPrivately(path: string): void {
  const directory = dirname(path)
  if (!existsSync(directory)) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    writeFileSync(join(directory, '.gitignore'), '*\n')
  }
  createPrivateFile(path)
}

/** Several processes may begin with a new database at once, and no `busy_timeout` waits for this switch. */
function useWriteAheadLog(database: DatabaseSync): void {
  const clock = new Int32Array(new SharedArrayBuffer(4))
  for (let attempt = 1; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL')
      return
    } catch (thrown) {
      if (!isBusy(thrown) || attempt === 500) throw thrown
      Atomics.wait(clock, 0, 0, 20)
    }
  }
}

/** SQLITE_BUSY, or one of its kinds. */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'errcode' in thrown && (Number(thrown.errcode) & 0xff) === 5
}

function usingState<Result>(path: string, action: () => Result): Result {
  try {
    return action()
  } catch (cause) {
    throw new RunError({
      code: 'STATE_UNAVAILABLE',
      message: `the state database ${path} cannot be used: ${cause instanceof Error ? cause.message : 'it could not be opened'}`,
      hint: 'see that its disk has room and that it may be written there, or set `state:` to another place',
      cause,
    })
  }
}

/** Kysely's SQLite dialect expects statements that say whether they return rows. */
function adapt(database: DatabaseSync, path: string): SqliteDatabase {
  const use = <Result>(action: () => Result) => usingState(path, action)
  return {
    close: () => database.close(),
    prepare(sql) {
      // One that reads before it writes would fail, and never wait, where another process has written in between.
      const statement = use(() => database.prepare(sql === 'begin' ? 'BEGIN IMMEDIATE' : sql))
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => use(() => statement.all(...(parameters as never[]))),
        run: (parameters) => {
          // A full disk makes SQLite roll back by itself; what is to be told is the error that came of it.
          if (sql === 'rollback' && !database.isTransaction) return { changes: 0, lastInsertRowid: 0 }
          const { changes, lastInsertRowid } = use(() => statement.run(...(parameters as never[])))
          return { changes, lastInsertRowid }
        },
        iterate: (parameters) => statement.iterate(...(parameters as never[])),
      }
    },
  }
}
