import { type ErrorParts, RetryableError, RunError, SynclineError, toSynclineError } from '../../core/errors.ts'
import { type Refusal, RefusedRowError } from '../sql/refusal.ts'
import { networkError } from './network-errors.ts'
import type { Place } from './place.ts'

/**
 * What the driver threw, as an error that says what to do next. The server's own words are kept only where they hold names
 * and limits; whatever may hold a value of a row is left out, and so are the cause and the statement.
 */
export function mysqlError(thrown: unknown, place: Place): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  if (isServerError(thrown)) return serverError(thrown, place)
  return networkError(thrown, place) ?? toSynclineError(thrown)
}

/** Whether the server refused a row for what is in it, so that only the stage can tell which one (rule 15). */
export function isRefusal(error: unknown): error is SynclineError {
  return error instanceof SynclineError && refusals.has(error.code)
}

const refusals: ReadonlySet<string> = new Set(['VALUE_REFUSED', 'CONSTRAINT_VIOLATED', 'NOT_UNIQUE', 'ROW_REFUSED'])

/** What the server answered with an error packet. */
export interface ServerError extends Error {
  readonly errno: number
  readonly sqlState: string
  readonly sqlMessage: string
}

function isServerError(thrown: unknown): thrown is ServerError {
  return thrown instanceof Error && 'sqlMessage' in thrown && 'errno' in thrown && typeof thrown.errno === 'number'
}

function serverError(error: ServerError, { connection, server, user }: Place): SynclineError {
  const kind = kinds[error.errno] ?? byState[error.sqlState.slice(0, 2)] ?? { code: 'SERVER_ERROR' }
  const parts: ErrorParts = {
    code: kind.code,
    message: `${connection} (${server}): ${(kind.say ?? verbatim)(error.sqlMessage)} (error ${error.errno})`,
    ...(kind.hint === undefined ? {} : { hint: kind.hint.replace('USER', () => user) }),
  }
  if (kind.retry) return new RetryableError(parts)
  return refusals.has(kind.code) ? new RefusedRowError(parts, refusalOf(error, kind)) : new RunError(parts)
}

function refusalOf({ errno, sqlMessage }: ServerError, { code, say }: Kind): Refusal {
  const column = columnIn(sqlMessage)
  return {
    reason: code === 'VALUE_REFUSED' ? 'value' : notNull.has(errno) ? 'not null' : 'constraint',
    ...(column === undefined ? {} : { column }),
    detail: (say ?? verbatim)(sqlMessage),
    answer: sqlMessage,
    dependsOnOthers: code === 'NOT_UNIQUE' || code === 'ROW_REFUSED' || references.has(errno),
  }
}

const notNull: ReadonlySet<number> = new Set([1048, 1364])
const references: ReadonlySet<number> = new Set([1216, 1217, 1451, 1452])

interface Kind {
  readonly code: string
  readonly hint?: string
  readonly retry?: true
  /** What may be said; the server's message where absent. */
  readonly say?: (message: string) => string
}

const login: Kind = { code: 'LOGIN_FAILED', hint: 'check user `USER` and its password, and whether it may log in from here' }
const lost: Kind = { code: 'CONNECTION_LOST', retry: true, hint: 'run again when the server is up' }
const permission: Kind = { code: 'PERMISSION_DENIED', hint: 'grant user `USER` what is missing, or connect as another user' }
const missing: Kind = { code: 'TABLE_NOT_FOUND', hint: 'was it dropped or renamed meanwhile? Look: syncline discover' }
const refused: Kind = { code: 'VALUE_REFUSED', say: refusedValue }
const violated: Kind = { code: 'CONSTRAINT_VIOLATED', say: violatedConstraint }
const notUnique: Kind = { code: 'NOT_UNIQUE', say: sharedKey }
const readOnly: Kind = { code: 'TARGET_READ_ONLY', hint: 'connect to the primary server, with a user that may write' }
const noCollation: Kind = { code: 'COLLATION_UNKNOWN', hint: 'create the table by hand with a collation that this server has' }

/** By number (MySQL manual, "Server Error Message Reference"; MariaDB's knowledge base, "Error Codes"). */
const kinds: Readonly<Record<number, Kind>> = {
  1020: { code: 'CONFLICT', retry: true, hint: 'others wrote to the same rows: run again' },
  1040: { code: 'TOO_MANY_CONNECTIONS', retry: true, hint: 'close other connections, or raise max_connections' },
  1044: permission,
  1045: login,
  1698: login,
  1049: { code: 'DATABASE_NOT_FOUND', hint: 'create it, or name another database in the connection' },
  1046: { code: 'DATABASE_NOT_FOUND', hint: 'name a database in the connection' },
  1048: { ...refused, code: 'CONSTRAINT_VIOLATED', say: verbatim },
  1053: lost,
  1062: notUnique,
  1586: notUnique,
  1114: { code: 'DISK_FULL', hint: 'the server has no room left for the table: free some, then run again' },
  1021: { code: 'DISK_FULL', hint: 'the server has no room left: free some, then run again' },
  1142: permission,
  1143: permission,
  1227: permission,
  1370: permission,
  1146: missing,
  1051: missing,
  1153: { code: 'LIMIT_EXCEEDED', hint: 'raise max_allowed_packet on the server' },
  1205: { code: 'LOCK_TIMEOUT', retry: true, hint: 'another session holds the lock: run again later, or raise `lock_timeout`' },
  1213: { code: 'DEADLOCK', retry: true, hint: 'others locked the same rows in another order: run again' },
  1216: violated,
  1217: violated,
  1451: violated,
  1452: violated,
  1364: { code: 'CONSTRAINT_VIOLATED', say: verbatim },
  3819: violated,
  4025: violated,
  1264: refused,
  1265: refused,
  1292: refused,
  1366: refused,
  1406: refused,
  1411: refused,
  1426: refused,
  3140: refused,
  1273: noCollation,
  1290: readOnly,
  1792: readOnly,
  1836: readOnly,
  1317: { code: 'STATEMENT_CANCELLED', hint: 'someone cancelled it' },
  3024: { code: 'STATEMENT_CANCELLED', hint: 'a statement timeout of the server ran out' },
  1969: { code: 'STATEMENT_CANCELLED', hint: 'a statement timeout of the server ran out' },
  1412: { code: 'CONFLICT', retry: true, hint: 'the table was altered while it was read: run again' },
  1644: { code: 'ROW_REFUSED', say: () => 'a trigger or routine raised an error of its own', hint: 'look at the triggers of the table' },
  1665: { code: 'BINLOG_FORMAT', hint: 'set binlog_format = ROW (or MIXED) on the server' },
  1927: lost,
  3169: lost,
  4031: lost,
}

/** By the class of the SQLSTATE. */
const byState: Readonly<Record<string, Kind>> = {
  '08': lost,
  22: refused,
  23: violated,
  28: login,
  40: { code: 'CONFLICT', retry: true, hint: 'others wrote to the same rows: run again' },
  42: { code: 'STATEMENT_REFUSED' },
  45: { code: 'ROW_REFUSED', say: () => 'a trigger or routine raised an error of its own', hint: 'look at the triggers of the table' },
}

/** Statements may be repeated in an error of syntax: only what stands before the quoted piece is kept. */
function verbatim(message: string): string {
  return message.replace(/ near '.*$/s, '')
}

/** What is wrong and in which column; the value in question stands in quotes before the column's name. */
function refusedValue(message: string): string {
  const kind = /^(Data too long|Data truncated|Out of range value|Incorrect \S+(?: \S+)? value|Invalid JSON text)/.exec(message)?.[0]
  return `${kind?.toLowerCase() ?? 'a value was refused'}${inColumn(message)}`
}

function inColumn(message: string): string {
  const column = columnIn(message)
  return column === undefined ? '' : ` in column ${column}`
}

function columnIn(message: string): string | undefined {
  return (
    /for column (?:`[^`]*`\.`[^`]*`\.)?[`']([^`']+)[`'] at row \d+$/.exec(message)?.[1] ??
    /^Column '([^']+)' cannot be null$/.exec(message)?.[1]
  )
}

function sharedKey(message: string): string {
  const key = /for key '([^']+)'$/.exec(message)?.[1]
  return `two rows share a value that must be unique${key === undefined ? '' : ` (key ${key})`}`
}

function violatedConstraint(message: string): string {
  const name = /CONSTRAINT [`']([^`']+)[`']|Check constraint '([^']+)'/i.exec(message)?.slice(1).find(Boolean)
  const what = /foreign key/i.test(message)
    ? 'a row refers to one that is not there, or is referred to'
    : /null/i.test(message)
      ? `a column must not be NULL${/Column '([^']+)'/.exec(message)?.[1] ? `: ${/Column '([^']+)'/.exec(message)?.[1]}` : ''}`
      : 'a row does not pass a check'
  return `${name === undefined ? '' : `constraint ${name}: `}${what}`
}

/** A warning of the server as the error that it would be for a single row, without values. */
export function warningText(errno: number, message: string): string {
  const kind = kinds[errno]
  return kind?.say ? kind.say(message) : `warning ${errno}`
}
