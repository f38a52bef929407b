import { isUtf8 } from 'node:buffer'
import { RunError, SynclineError } from '../../core/errors.ts'

/** Where in a file something is wrong, for messages. */
export interface Place {
  /** The file as the user named it. */
  readonly file: string
  /** Counted from 1, as editors do. */
  readonly line?: number
}

/** A structural error (rule 4): the file is not what its format says, so nothing read from it can be trusted. */
export function malformed(place: Place, what: string, hint?: string): RunError {
  return new RunError({ code: 'MALFORMED_FILE', message: `${shownPlace(place)}: ${what}`, ...(hint ? { hint } : {}) })
}

/** @param bytes text that begins at `place` and holds, somewhere, bytes that are no UTF-8. */
export function notUtf8(place: Required<Place>, bytes: Uint8Array): RunError {
  let { line } = place
  let start = 0
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1
    line++
  }
  const what = 'expected text in UTF-8, found bytes that are none'
  return malformed({ file: place.file, line }, what, 'name its encoding: `encoding: windows-1252`, for example')
}

/** What DuckDB throws at `file`; its own words may hold values and stay in the cause. Other errors are {@link fileError}'s. */
function engineError(thrown: unknown, file: string): unknown {
  const error = fileError(thrown, file)
  const kind = error === thrown && thrown instanceof Error ? /^([A-Z][\w-]*(?: [A-Z][\w-]*)* Error):/.exec(thrown.message)?.[1] : undefined
  if (kind === undefined) return error
  return new RunError({ code: 'ENGINE_FAILED', message: `${file}: the embedded engine reports ${kind}`, cause: thrown })
}

export function sourceChanged(file: string): RunError {
  return new RunError({
    code: 'SOURCE_CHANGED',
    message: `${file} changed while it was read, so what was read may be half old and half new`,
    hint: 'run again once nobody writes to it',
  })
}

export function targetMoved(file: string): RunError {
  return new RunError({
    code: 'TARGET_MOVED',
    message: `${file} was changed by others after it was read; it was left as they wrote it`,
    hint: 'run again: what they wrote is then compared first',
  })
}

interface Known {
  readonly code: string
  readonly what: string
  readonly hint: string
}

const known: Readonly<Record<string, Known>> = {
  ENOENT: {
    code: 'FILE_NOT_FOUND',
    what: 'does not exist',
    hint: 'check the path; it is relative to the config, or on the command line to the working directory',
  },
  ENOTDIR: { code: 'FILE_NOT_FOUND', what: 'does not exist: a part of its path is a file', hint: 'check the path' },
  EISDIR: { code: 'NOT_A_FILE', what: 'is a folder, not a file', hint: 'name a file in it, or a glob such as `*.csv`' },
  EACCES: { code: 'PERMISSION_DENIED', what: 'may not be accessed', hint: 'check the permissions of the file and of its folder' },
  EPERM: { code: 'PERMISSION_DENIED', what: 'may not be accessed', hint: 'check the permissions of the file and of its folder' },
  EROFS: { code: 'PERMISSION_DENIED', what: 'is on a file system that is read-only', hint: 'write to another folder' },
  ENOSPC: { code: 'DISK_FULL', what: 'cannot be written: the disk is full', hint: 'free some space and run again; nothing was changed' },
  EDQUOT: {
    code: 'DISK_FULL',
    what: 'cannot be written: the quota is used up',
    hint: 'free some space and run again; nothing was changed',
  },
  EFBIG: { code: 'DISK_FULL', what: 'cannot be written: the file would be too large', hint: 'nothing was changed' },
  Z_BUF_ERROR: { code: 'TRUNCATED_FILE', what: 'is cut short: its compressed data ends too early', hint: 'fetch the file again' },
  Z_DATA_ERROR: {
    code: 'DAMAGED_FILE',
    what: 'is damaged: its compressed data does not add up',
    hint: 'fetch the file again, or check `compression:`',
  },
}

/** What the operating system or a decompressor reports about `file`, in words that say what to do. */
export function fileError(thrown: unknown, file: string): unknown {
  if (thrown instanceof SynclineError || !(thrown instanceof Error)) return thrown
  const entry = known[codeOf(thrown)]
  if (!entry) return thrown
  return new RunError({ code: entry.code, message: `${file} ${entry.what}`, hint: entry.hint, cause: thrown })
}

function codeOf(thrown: Error): string {
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  if (code.startsWith('ZSTD_error')) return 'Z_DATA_ERROR'
  // DuckDB hands over only what the operating system says.
  return code || (reported.find(([message]) => thrown.message.includes(message))?.[1] ?? '')
}

const reported = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['Permission denied', 'EACCES'],
  ['Read-only file system', 'EROFS'],
] as const

/** Runs `work` and translates what it throws by {@link fileError}. */
export async function withFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    throw engineError(thrown, file)
  }
}

function shownPlace({ file, line }: Place): string {
  return line === undefined ? file : `${file}, line ${line}`
}
