import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RetryableError, RunError } from '../core/errors.ts'
import { holdFile } from './exclusive.ts'
import { fileNameOf } from './file-name.ts'

/**
 * Holds a sync for one run across processes until disposed, or until the process dies.
 * @throws RetryableError (`LOCKED`) at once where another run holds it; RunError (`STATE_UNAVAILABLE`) where nothing can be held.
 */
export function lockSync(directory: string, sync: string): Disposable {
  const held = tryToHold(directory, sync)
  if (held) return held
  throw new RetryableError({
    code: 'LOCKED',
    message: `\`${sync}\` is being run by another process`,
    hint: 'wait until that run has ended, then try again',
  })
}

function tryToHold(directory: string, sync: string): Disposable | undefined {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    return holdFile(lockPath(directory, sync))
  } catch (cause) {
    throw new RunError({
      code: 'STATE_UNAVAILABLE',
      message: `no lock can be held in ${directory}: ${cause instanceof Error ? cause.message : 'it may not be written'}`,
      hint: 'see that its disk has room and that it may be written there, or set `state:` to another place',
      cause,
    })
  }
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
