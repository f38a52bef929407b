import type { Refused, RejectReason } from '../../core/changes.ts'
import { type ErrorParts, RunError } from '../../core/errors.ts'

/** Why a database refused a row. */
export interface Refusal {
  readonly reason: RejectReason
  readonly column?: string
  /** Names of constraints and columns, and limits; never values. */
  readonly detail: string
  /** In the database's own words, which may hold values. */
  readonly answer: string
  /** It may be taken once other rows are there, or gone: a foreign key, a shared value. */
  readonly dependsOnOthers: boolean
}

/** A database refused a row for what is in it. Which one, it does not always say. */
export class RefusedRowError extends RunError {
  /** Private, so that what is printed of an error does not hold what the database said. */
  readonly #refusal: Refusal

  constructor(parts: ErrorParts, refusal: Refusal) {
    super(parts)
    this.#refusal = refusal
  }

  get refusal(): Refusal {
    return this.#refusal
  }
}

/** Once more rows than that are refused, the rest is not looked for. */
export const mostRefused = 100_000

export function refusesTooMany(table: string): RunError {
  return new RunError({
    code: 'TOO_MANY_REFUSED',
    message: `${table} refused more than ${mostRefused} rows; everything was rolled back`,
    hint: 'compare its constraints and triggers with what the source holds, or leave such rows out by `where`',
  })
}

/** In the words of the contract. */
export function refusedRow({ kind, key }: Pick<Refused, 'kind' | 'key'>, { reason, column, detail, answer }: Refusal): Refused {
  return { kind, key, reason, ...(column === undefined ? {} : { column }), detail, answer }
}
