import { NotDirectError, RetryableError, RunError, SynclineError, toSynclineError } from '../../core/errors.ts'

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const codes = { busy: 5, locked: 6, readonly: 8, io: 10, corrupt: 11, full: 13, cannotOpen: 14, constraint: 19, notADatabase: 26 }

/** SQLite's primary result code of a thrown error, `undefined` where it did not come from SQLite. */
function resultCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return undefined
  return thrown.errcode & 0xff
}

/** Whether someone else holds the lock that was wanted. */
export function isBusy(thrown: unknown): boolean {
  const code = resultCode(thrown)
  return code === codes.busy || code === codes.locked
}

/** Whether a row breaks a constraint, or holds what SQLite cannot bind (an integer past 64 bits). */
export function isRefusedRow(thrown: unknown): boolean {
  if (resultCode(thrown) === codes.constraint) return true
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_INVALID_ARG_VALUE'
}

/** Whether two rows would share what must be unique. */
export function isUniqueConflict(thrown: unknown): boolean {
  if (resultCode(thrown) !== codes.constraint || !(thrown instanceof Error)) return false
  return thrown.message.startsWith('UNIQUE constraint failed')
}

/** A refused row of a load that nothing was compared for. */
export function notDirect(thrown: unknown, table: string): NotDirectError {
  return new NotDirectError({
    code: 'ROW_REFUSED',
    message: `\`${table}\` refused a row: ${reason(thrown)}`,
    cause: thrown,
  })
}

/** Any error of SQLite as one that says what to do. SQLite's messages name tables, columns and constraints, never values. */
export function translate(thrown: unknown, path: string): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  const parts = { cause: thrown }
  switch (resultCode(thrown)) {
    case codes.busy:
    case codes.locked:
      return new RetryableError({
        ...parts,
        code: 'DATABASE_LOCKED',
        message: `${path} is locked by another program`,
        hint: 'end what writes to it, or run again later',
      })
    case codes.readonly:
      return new RunError({
        ...parts,
        code: 'READ_ONLY',
        message: `${path} cannot be written: it is read-only`,
        hint: 'check the permissions of the file and its folder, and the option `readonly`',
      })
    case codes.full:
      return new RunError({
        ...parts,
        code: 'DISK_FULL',
        message: `the disk of ${path} is full; nothing was changed`,
        hint: 'free space and run again',
      })
    case codes.io:
      return new RunError({
        ...parts,
        code: 'IO_ERROR',
        message: `reading or writing ${path} failed: ${reason(thrown)}`,
        hint: 'check the disk',
      })
    case codes.notADatabase:
      return new RunError({ ...parts, code: 'NOT_A_DATABASE', message: `${path} is not an SQLite database, or is encrypted` })
    case codes.corrupt:
      return new RunError({
        ...parts,
        code: 'CORRUPT_DATABASE',
        message: `${path} is damaged: ${reason(thrown)}`,
        hint: 'run `PRAGMA integrity_check`, or restore the file from a backup',
      })
    case codes.cannotOpen:
      return new RunError({
        ...parts,
        code: 'CANNOT_OPEN',
        message: `${path} cannot be opened`,
        hint: 'check that its folder exists and may be read and written',
      })
    case codes.constraint:
      return new RunError({ ...parts, code: 'CONSTRAINT', message: `${path} refused a change: ${reason(thrown)}; nothing was changed` })
    case undefined:
      return toSynclineError(thrown)
    default:
      return new RunError({ ...parts, code: 'SQLITE_ERROR', message: `SQLite: ${reason(thrown)}` })
  }
}

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
