import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RetryableError } from '../core/errors.ts'
import { holdFile } from './exclusive.ts'
import { fileNameOf } from './file-name.ts'

/**
 * Holds a sync for one run across processes until disposed, or until the process dies.
 * @throws RetryableError (`LOCKED`) at once where another run holds it.
 */
export function lockSync(directory: string, sync: string): Disposable {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const held = holdFile(lockPath(directory, sync))
  if (held) return held
  throw new RetryableError({
    code: 'LOCKED',
    message: `\`${sync}\` is being run by another process`,
    hint: 'wait until that run has ended, then try again',
  })
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
