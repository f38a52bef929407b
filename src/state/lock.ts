import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RetryableError } from '../core/errors.ts'
import { fileNameOf } from './file-name.ts'

/**
 * Holds a sync for one run across processes until disposed. The kernel frees it when the process dies: it is the lock of a
 * SQLite file, no lease and no clock (rule 28).
 * @throws RetryableError (`LOCKED`) at once where another run holds it.
 */
export function lockSync(directory: string, sync: string): Disposable {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = lockPath(directory, sync)
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    throw new RetryableError({
      code: 'LOCKED',
      message: `\`${sync}\` is being run by another process`,
      hint: 'wait until that run has ended, then try again',
      cause,
    })
  }
  return { [Symbol.dispose]: () => database.close() }
}

/** Whether a run holds a sync now, in this process or another. */
export function isLocked(directory: string, sync: string): boolean {
  const path = lockPath(directory, sync)
  if (!existsSync(path)) return false
  const database = new DatabaseSync(path, { timeout: 0, readOnly: true })
  try {
    database.exec('SELECT count(*) FROM sqlite_schema')
    return false
  } catch {
    return true
  } finally {
    database.close()
  }
}

function lockPath(directory: string, sync: string): string {
  return join(directory, `${fileNameOf(sync)}.lock`)
}
