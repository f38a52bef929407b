import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** SQLITE_BUSY: somebody else has the lock. */
const busy = 5

/**
 * Holds a file across processes until disposed, or gives `undefined` at once where somebody else holds it. The kernel frees it when
 * the process dies: it is the lock of a SQLite file, no lease and no clock (rule 28).
 */
export function holdFile(path: string): Disposable | undefined {
  createPrivateFile(path)
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('BEGIN EXCLUSIVE')
    return { [Symbol.dispose]: () => database.close() }
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}

/**
 * An empty file that its owner alone may read, where there is none. One that exists is not even opened: to close it would free all
 * locks that this process has on it (fcntl(2), "Record locking").
 */
export function createPrivateFile(path: string): void {
  if (existsSync(path)) return
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    // Another process was first.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
