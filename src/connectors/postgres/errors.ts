import { DatabaseError } from 'pg'
import { type ErrorParts, RetryableError, RunError, SynclineError, toSynclineError } from '../../core/errors.ts'
import { type Refusal, RefusedRowError } from '../sql/refusal.ts'
import { isReserved } from '../sql/reserved.ts'
import { networkError } from './network-errors.ts'
import type { Place } from './place.ts'

/**
 * What the driver threw, as an error that says what to do next. The server's own words are kept only where they hold names
 * and limits; whatever may hold a value of a row (details, contexts, quoted texts) is left out, and so is the cause.
 */
export function postgresError(thrown: unknown, place: Place): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  if (thrown instanceof DatabaseError) return serverError(thrown, place)
  return networkError(thrown, place) ?? toSynclineError(thrown)
}

/** Whether the server refused a row for what is in it, so that only the stage can tell which one (rule 15). */
export function isRefusal(error: unknown): error is SynclineError {
  return error instanceof SynclineError && refusals.has(error.code)
}

const refusals: ReadonlySet<string> = new Set(['VALUE_REFUSED', 'CONSTRAINT_VIOLATED', 'NOT_UNIQUE', 'TYPE_MISMATCH', 'ROW_REFUSED'])

function serverError(error: DatabaseError, { connection, server, user }: Place): SynclineError {
  const state = error.code ?? 'XX000'
  const kind = kinds[state] ?? kinds[state.slice(0, 2)] ?? { code: 'SERVER_ERROR' }
  const parts: ErrorParts = {
    code: kind.code,
    message: `${connection} (${server}): ${(kind.say ?? verbatim)(error)} (SQLSTATE ${state})`,
    ...(kind.hint === undefined ? {} : { hint: kind.hint.replace('USER', () => user) }),
  }
  if (kind.retry) return new RetryableError(parts)
  return rowCodes.has(kind.code) ? new RefusedRowError(parts, refusalOf(error, kind)) : new RunError(parts)
}

/** What is in a row, and not how the statement or the table is made, is at fault. */
const rowCodes: ReadonlySet<string> = new Set(['VALUE_REFUSED', 'CONSTRAINT_VIOLATED', 'NOT_UNIQUE', 'ROW_REFUSED'])

function refusalOf(error: DatabaseError, { say, code }: Kind): Refusal {
  const { message, detail, column } = error
  const reason = code === 'VALUE_REFUSED' ? 'value' : error.code === '23502' ? 'not null' : 'constraint'
  return {
    reason,
    ...(column === undefined ? {} : { column }),
    detail: (say ?? verbatim)(error),
    answer: detail === undefined ? message : `${message}: ${detail}`,
    dependsOnOthers: code === 'NOT_UNIQUE' || code === 'ROW_REFUSED' || error.code === '23503' || error.code === '23P01',
  }
}

interface Kind {
  readonly code: string
  readonly hint?: string
  readonly retry?: true
  /** What may be said; the server's message where absent. */
  readonly say?: (error: DatabaseError) => string
}

const login: Kind = { code: 'LOGIN_FAILED', hint: 'check user `USER` and its password, and whether pg_hba.conf lets it in from here' }
const lost: Kind = { code: 'CONNECTION_LOST', retry: true, hint: 'run again when the server is up' }
const permission: Kind = { code: 'PERMISSION_DENIED', hint: 'grant user `USER` what is missing, or connect as another user' }
const missing: Kind = { code: 'TABLE_NOT_FOUND', hint: 'was it dropped or renamed meanwhile? Look: syncline discover' }

/** By SQLSTATE, else by its class (PostgreSQL manual, appendix A). */
const kinds: Readonly<Record<string, Kind>> = {
  '08': lost,
  '22': { code: 'VALUE_REFUSED', say: valueRefused },
  '23': { code: 'CONSTRAINT_VIOLATED', say: constraintViolated },
  23505: { code: 'NOT_UNIQUE', say: constraintViolated },
  25006: { code: 'TARGET_READ_ONLY', hint: 'connect to the primary server, with a user whose transactions may write' },
  '28': login,
  '3D': { code: 'DATABASE_NOT_FOUND', hint: 'create it, or name another database in the connection' },
  '3F': { code: 'SCHEMA_NOT_FOUND', hint: 'create the schema, or name another one' },
  '40': { code: 'CONFLICT', retry: true, hint: 'others wrote to the same rows: run again' },
  '40P01': { code: 'DEADLOCK', retry: true, hint: 'others locked the same rows in another order: run again' },
  '42': { code: 'STATEMENT_REFUSED' },
  42501: permission,
  42804: { code: 'TYPE_MISMATCH' },
  '42P01': missing,
  44: { code: 'CONSTRAINT_VIOLATED', say: constraintViolated },
  '53': { code: 'SERVER_OUT_OF_RESOURCES', retry: true },
  53100: { code: 'DISK_FULL', hint: 'the server has no room left: free some, then run again' },
  53300: { code: 'TOO_MANY_CONNECTIONS', retry: true, hint: 'close other connections, or raise max_connections' },
  54: { code: 'LIMIT_EXCEEDED' },
  '55P03': { code: 'LOCK_TIMEOUT', retry: true, hint: 'another session holds the lock: run again later, or raise `lock_timeout`' },
  57014: { code: 'STATEMENT_CANCELLED', hint: 'someone cancelled it, or a statement_timeout of the server ran out' },
  '57P01': lost,
  '57P02': lost,
  '57P03': { ...lost, code: 'SERVER_STARTING' },
  '57P05': lost,
  58: { code: 'SERVER_IO_ERROR' },
  P0: {
    code: 'ROW_REFUSED',
    say: () => 'a trigger, rule or function raised an error of its own',
    hint: 'look at the triggers of the table',
  },
}

function verbatim(error: DatabaseError): string {
  return isRaised(error) ? 'a trigger or function raised an error' : error.message
}

/** The type and its limit; the text in question stands in quotes or after a colon, and is cut off. */
function valueRefused(error: DatabaseError): string {
  if (isRaised(error)) return `a trigger or function refused a value${position(error)}`
  const limit = error.message.replace(/: .*$/s, '').replace(/".*"/gs, '…').replace(/ …/g, '')
  return `${limit}${position(error)}`
}

function constraintViolated(error: DatabaseError): string {
  // A table of our own stands for the one whose place it is to take.
  const table = error.table === undefined || isReserved(error.table) ? '' : ` of ${error.table}`
  if (error.column !== undefined) return `column ${error.column}${table} must not be NULL`
  if (error.routine === 'ExecFindPartition') return `no partition${table} takes a row`
  if (error.constraint === undefined) return `a constraint${table} refused a row`
  const rule = violations[error.code ?? ''] ?? 'refused a row'
  return `constraint ${error.constraint}${table}: ${rule}`
}

const violations: Readonly<Record<string, string>> = {
  23503: 'a row refers to one that is not there, or is referred to',
  23505: 'two rows share a value that must be unique',
  23514: 'a row does not pass the check',
  '23P01': 'two rows exclude each other',
}

/** Of the context of a COPY only the line's number and the column's name: the rest is the value. */
function position(error: DatabaseError): string {
  const [, line, column] = /^COPY [^\n]*?, line (\d+)(?:, column ([^:"\n]+))?/m.exec(error.where ?? '') ?? []
  const where = [column === undefined ? '' : ` in column ${column}`, line === undefined ? '' : ` at line ${line}`]
  return where.join('')
}

/** Words that a function of the database chose itself may hold anything. */
function isRaised(error: DatabaseError): boolean {
  return error.routine === 'exec_stmt_raise'
}
