import { existsSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { RunError } from '../../core/errors.ts'
import { isBusy, translate } from './errors.ts'
import { registerFunctions } from './functions.ts'

export type Cell = SQLOutputValue
export type Bound = SQLInputValue

/** How long a lock of others is waited for, in milliseconds. */
const patience = 10_000

/**
 * Opens a database that exists. Foreign keys are enforced, the journal mode stays as it was found.
 * @throws RunError `FILE_NOT_FOUND`, or why the file cannot be used.
 */
export function openExisting(path: string): DatabaseSync {
  if (!existsSync(path)) throw fileNotFound(path)
  return openDatabase(path)
}

/** `subject` is what was to be read from the file. */
export function fileNotFound(path: string, subject?: string): RunError {
  return new RunError({
    code: 'FILE_NOT_FOUND',
    message: `${subject === undefined ? '' : `${subject} cannot be read: `}${path} does not exist`,
    hint: 'check the path; relative paths start at the config file, on the command line at the working directory',
  })
}

/** Opens a database and creates the file where there is none. */
export function openDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 0 })
    registerFunctions(database)
    return database
  } catch (thrown) {
    throw translate(thrown, path)
  }
}

/**
 * Does what needs a lock, waiting while others hold it, without blocking the process.
 * @throws RetryableError where it stays locked for ten seconds; the signal's reason where it is aborted.
 */
export async function whenUnlocked<Result>(path: string, signal: AbortSignal, action: () => Result): Promise<Result> {
  const end = performance.now() + patience
  for (let pause = 2; ; pause = Math.min(pause * 2, 200)) {
    signal.throwIfAborted()
    try {
      return action()
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() > end) throw translate(thrown, path)
    }
    await setTimeout(pause, undefined, { signal })
  }
}

/** All rows of a catalog query or another small one, as arrays of cells; integers as `bigint`. */
export function select(database: DatabaseSync, sql: string, ...bound: readonly Bound[]): Cell[][] {
  const statement = database.prepare(sql)
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  return statement.all(...bound) as unknown as Cell[][]
}
