import type { RunFailure } from './failure.ts'

/** What an error is made of. Messages carry names and counts, never row values or secrets. */
export interface ErrorParts {
  /** Stable, upper-case, for programs: `FILE_NOT_FOUND`, `LOGIN_FAILED`, `PLAN_STALE` … */
  readonly code: string
  /** Subject, what was expected, what arrived. */
  readonly message: string
  /** The next step, where one is known. */
  readonly hint?: string
  readonly cause?: unknown
}

/** The root of every error that Syncline raises on purpose. The subclass says what the caller does next. */
export class SynclineError extends Error {
  readonly code: string
  readonly hint: string | undefined

  constructor({ code, message, hint, cause }: ErrorParts) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.hint = hint
  }
}

/** Fix the command line or the config; nothing was opened or changed. Exit code 64. */
export class ConfigError extends SynclineError {}

/** The run stops and the target stays as it was. Exit code 1. */
export class RunError extends SynclineError {}

/** The run stops, but the same run may succeed later: a lost connection, a deadlock, a lock that others hold. Exit code 1. */
export class RetryableError extends RunError {}

/** The direct path met something that only the stage can judge (rule 15). The session is rolled back and the run goes by the stage. */
export class NotDirectError extends SynclineError {}

/**
 * A read met a cell that is no value of its column's type, such as a date of zeros. Read again, the endpoint gives that column
 * as text that has to be judged.
 */
export class ReadAgainError extends NotDirectError {}

/** The caller asked to stop. Exit code 130. */
export class CancelledError extends SynclineError {
  constructor(cause?: unknown) {
    super({ code: 'CANCELLED', message: 'cancelled; what was open is rolled back and the next run continues', cause })
  }
}

/** Any thrown thing as a `SynclineError`: what is not one already becomes a `RunError` with code `UNEXPECTED` and its own message. */
export function toSynclineError(thrown: unknown): SynclineError {
  if (thrown instanceof SynclineError) return thrown
  if (thrown instanceof Error && thrown.name === 'AbortError') return new CancelledError(thrown)
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new RunError({
    code: 'UNEXPECTED',
    message,
    hint: 'this looks like a defect: please report it with the output of --verbose',
    cause: thrown,
  })
}

/** A thrown error as a run's result tells it. */
export function toFailure(error: SynclineError): RunFailure {
  const fix = error instanceof ConfigError ? 'config' : error instanceof RetryableError ? 'retry' : 'cause'
  return { fix, code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) }
}
