import { type ErrorParts, RetryableError, RunError, SynclineError, toSynclineError } from '../../core/errors.ts'
import { type Refusal, RefusedRowError } from '../sql/refusal.ts'
import { loginError } from './login-errors.ts'
import { connectionError } from './network-errors.ts'
import type { Place } from './place.ts'
import { type ServerError, serverErrorOf } from './server-error.ts'

/**
 * What the driver threw, as an error that says what to do next. SQL Server quotes values of rows in its messages (2601, 2627,
 * 2628, 245 …): its words are kept only for errors that are about names, and the driver's error not even as the cause.
 */
export function sqlServerError(thrown: unknown, place: Place): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  const server = serverErrorOf(thrown)
  if (server) return loginError(server, place) ?? statementError(server, place)
  return connectionError(thrown, place) ?? toSynclineError(thrown)
}

/** Whether the server refused a row for what is in it, so that only the stage can tell which one (rule 15). */
export function isRefusal(error: unknown): error is SynclineError {
  return error instanceof SynclineError && refusals.has(error.code)
}

const refusals: ReadonlySet<string> = new Set(['VALUE_REFUSED', 'CONSTRAINT_VIOLATED', 'NOT_UNIQUE', 'ROW_REFUSED'])

interface Kind {
  readonly code: string
  readonly hint?: string
  readonly retry?: true
  /** What may be said; the server's own message where absent. */
  readonly say?: (message: string) => string
}

const value = (say: string): Kind => ({ code: 'VALUE_REFUSED', say: () => say })
const missing: Kind = { code: 'TABLE_NOT_FOUND', hint: 'was it dropped or renamed meanwhile? Look: syncline discover' }
const permission: Kind = { code: 'PERMISSION_DENIED', hint: 'grant user `USER` what is missing, or connect as another user' }
const conflict: Kind = { code: 'CONFLICT', retry: true, hint: 'others wrote to the same rows: run again' }
const full: Kind = { code: 'DISK_FULL', hint: 'the server has no room left: free some, then run again' }
const unique: Kind = { code: 'NOT_UNIQUE', say: (message) => `${constraintOf(message)}: two rows share a value that must be unique` }
const busy: Kind = { code: 'SERVER_OUT_OF_RESOURCES', retry: true, hint: 'run again when the server has less to do' }

/** By error number ("Database Engine events and errors", SQL Server's documentation). */
const kinds: Readonly<Record<number, Kind>> = {
  208: missing,
  220: value('a number is outside of its type'),
  229: permission,
  230: permission,
  232: value('a number is outside of its type'),
  241: value('a text is no date or time'),
  242: value('a date or time is outside of its type'),
  245: value('a text is no value of its type'),
  262: permission,
  297: permission,
  515: { code: 'CONSTRAINT_VIOLATED', say: notNull },
  547: { code: 'CONSTRAINT_VIOLATED', say: (message) => `${constraintOf(message)}: a row does not pass it, or others refer to it` },
  550: { code: 'CONSTRAINT_VIOLATED', say: () => 'a row would not be seen through the view that it was written to' },
  1088: missing,
  1105: full,
  1205: { code: 'DEADLOCK', retry: true, hint: 'others locked the same rows in another order: run again' },
  1222: { code: 'LOCK_TIMEOUT', retry: true, hint: 'another session holds the lock: run again later, or raise `lock_timeout`' },
  1505: unique,
  1946: { code: 'KEY_TOO_LONG', hint: 'an index of SQL Server holds keys of 900 (clustered) or 1,700 bytes: take a shorter key' },
  2601: unique,
  2627: unique,
  2628: { code: 'VALUE_REFUSED', say: tooLong },
  2760: { code: 'SCHEMA_NOT_FOUND', hint: 'create the schema, or name another one' },
  3609: { code: 'ROW_REFUSED', say: () => 'a trigger ended the transaction', hint: 'look at the triggers of the table' },
  3902: { code: 'ROLLED_BACK', say: () => 'the server had rolled the transaction back before its end' },
  3906: { code: 'TARGET_READ_ONLY', hint: 'connect to the primary replica, or make the database writable' },
  3908: { code: 'TARGET_READ_ONLY', hint: 'the database is in emergency mode or only partly restored' },
  3930: { code: 'ROLLED_BACK', say: () => 'the transaction can no longer be committed' },
  3951: {
    code: 'SNAPSHOT_REFUSED',
    hint: 'the database does not allow snapshot isolation: ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON',
  },
  3952: {
    code: 'SNAPSHOT_REFUSED',
    hint: 'the database does not allow snapshot isolation: ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON',
  },
  3957: conflict,
  3958: conflict,
  3960: conflict,
  3961: { code: 'CONFLICT', retry: true, hint: 'a table was altered or swapped while it was read: run again' },
  6522: value('a text is no value of its type'),
  8115: value('a number is outside of its type'),
  8023: value('a number is no valid value of its type'),
  8114: value('a text is no value of its type'),
  8152: { code: 'VALUE_REFUSED', say: () => 'a text or binary value is longer than its column' },
  8169: value('a text is no uniqueidentifier'),
  8623: busy,
  8645: busy,
  8651: busy,
  9002: full,
  9400: value('a text is no XML'),
  10928: busy,
  10929: busy,
  40501: busy,
  40544: full,
  40613: { code: 'CONNECTION_LOST', retry: true, hint: 'the database is not available at the moment: run again' },
}

function statementError({ number, message, severity }: ServerError, { connection, server, user }: Place): SynclineError {
  const kind = kindOf(number, severity)
  const parts: ErrorParts = {
    code: kind.code,
    message: `${connection} (${server}): ${kind.say ? kind.say(message) : message} (SQL Server error ${number})`,
    ...(kind.hint === undefined ? {} : { hint: kind.hint.replace('USER', () => user) }),
  }
  if (kind.retry) return new RetryableError(parts)
  return refusals.has(kind.code) ? new RefusedRowError(parts, refusalOf(number, message, kind)) : new RunError(parts)
}

function refusalOf(number: number, message: string, { code, say }: Kind): Refusal {
  const column = columnOf(number, message)
  return {
    reason: code === 'VALUE_REFUSED' ? 'value' : number === notNullNumber ? 'not null' : 'constraint',
    ...(column === undefined ? {} : { column }),
    detail: say?.(message) ?? code,
    answer: message,
    dependsOnOthers: code === 'NOT_UNIQUE' || code === 'ROW_REFUSED' || /FOREIGN KEY|REFERENCE constraint/i.test(message),
  }
}

const notNullNumber = 515

/** The column of the table that is written; a foreign key's message names one of the other table. */
function columnOf(number: number, message: string): string | undefined {
  if (number === 547 && !/CHECK constraint/i.test(message)) return undefined
  return /column ['"]([^'"]+)['"]/i.exec(message)?.[1]
}

function kindOf(number: number, severity: number): Kind {
  if (Object.hasOwn(kinds, number)) return kinds[number] ?? unknown
  // Numbers from 50000 on are RAISERROR and THROW: triggers and procedures say there what they like.
  if (number >= 50_000) return raised
  if (number >= 9400 && number <= 9499) return value('a text is no XML')
  if (naming.has(number)) return aboutNames
  if (severity >= 20) return { code: 'CONNECTION_LOST', retry: true, hint: 'the server ended the connection: run again' }
  return unknown
}

const raised: Kind = {
  code: 'ROW_REFUSED',
  say: () => 'a trigger or procedure raised an error of its own',
  hint: 'look at the triggers of the table',
}
/** Quoted texts may be values of rows, except where an error is about the statement itself. */
const unknown: Kind = { code: 'STATEMENT_REFUSED', say: (message) => message.replace(/'[^']*'|"[^"]*"/g, '…').replace(/: .*$/s, '') }
const aboutNames: Kind = { code: 'STATEMENT_REFUSED' }

/** Syntax, columns, objects that exist already, types: what these quote stands in the statement or in the catalog. */
const naming: ReadonlySet<number> = new Set([
  102, 105, 156, 170, 195, 207, 209, 243, 1750, 1776, 1785, 1913, 2705, 2714, 2715, 2716, 3701, 3726,
])

/** 2627 and 2601 name the constraint or index in the first quotes that hold it, then the table, then the value. */
function constraintOf(message: string): string {
  const [, name] = /(?:constraint|index(?: name)?) ['"]([^'"]+)['"]/i.exec(message) ?? []
  const [, table] = /(?:object name|table|object) ['"]([^'"]+)['"]/i.exec(message) ?? []
  return `${name === undefined ? 'a constraint' : `constraint ${name}`}${table === undefined ? '' : ` of ${table}`}`
}

function notNull(message: string): string {
  const [, column] = /column ['"]([^'"]+)['"]/i.exec(message) ?? []
  return column === undefined ? 'a column must not be NULL' : `column ${column} must not be NULL`
}

/** 2628 names table and column, then shows the value. */
function tooLong(message: string): string {
  const [, table, column] = /in table ['"]([^'"]+)['"], column ['"]([^'"]+)['"]/i.exec(message) ?? []
  const where = column === undefined ? 'its column' : `column ${column} of ${table}`
  return `a value is longer than ${where}`
}
