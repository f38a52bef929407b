import type { Applied, ChangeKind, Moved, Refused } from '../../../core/changes.ts'
import { formatAmount } from '../../../core/count.ts'
import { RetryableError, RunError, type SynclineError } from '../../../core/errors.ts'
import type { RowOutcome } from './outcome.ts'
import type { ChangedRow } from './row.ts'

/** So many inserts without an answer, one after the other, are no accident any more. */
const mostUnanswered = 3
/** So many refusals before anything was taken say that the requests are wrong, not the rows. */
const mostRefused = 1_000

/** Counts what became of the rows, and says when to stop. */
export class Tally {
  readonly #counts = { insert: 0, update: 0, delete: 0 }
  readonly #refused: Refused[] = []
  readonly #moved: Moved[] = []
  readonly #stopsAtRefusal: boolean
  #unansweredInARow = 0
  #gone = 0
  #left = 0

  constructor(stopsAtRefusal: boolean) {
    this.#stopsAtRefusal = stopsAtRefusal
  }

  get done(): number {
    return this.#counts.insert + this.#counts.update + this.#counts.delete
  }

  /** Changes of rows that were there. */
  get overwritten(): number {
    return this.#counts.update + this.#counts.delete - this.#gone
  }

  /** Whether no more rows are to be sent, though nothing failed: a row was refused, and the run shall stop at that. */
  get isOver(): boolean {
    return this.#stopsAtRefusal && this.#refused.length > 0
  }

  count(kind: ChangeKind, wasGone = false): void {
    this.#counts[kind] += 1
    this.#unansweredInARow = 0
    if (wasGone) this.#gone += 1
  }

  moved({ kind, key }: Pick<ChangedRow, 'kind' | 'key'>): void {
    this.#moved.push({ kind, key })
    this.#unansweredInARow = 0
  }

  /** An insert without an answer. @throws RetryableError after several, one after the other. */
  doubt(): void {
    this.#unansweredInARow += 1
    if (this.#unansweredInARow >= mostUnanswered) throw failing()
  }

  /** A row that this sync did not create is left in the API. */
  left(): void {
    this.#left += 1
  }

  /** @throws RunError where it is time to stop. */
  refuse({ kind, key }: Pick<ChangedRow, 'kind' | 'key'>, outcome: Extract<RowOutcome, { kind: 'refused' | 'unanswered' }>): void {
    const { detail, answer } = outcome
    const reason = outcome.kind === 'refused' ? outcome.reason : 'unanswered'
    const column = outcome.kind === 'refused' ? outcome.column : undefined
    this.#refused.push({
      kind,
      key,
      reason,
      detail,
      ...(column === undefined ? {} : { column }),
      ...(answer === undefined ? {} : { answer }),
    })
    if (outcome.kind === 'unanswered') this.doubt()
    else this.#unansweredInARow = 0
    if (this.#refused.length >= mostRefused && this.done === 0) throw refusesAll()
  }

  applied(more: { readonly notes: readonly string[]; readonly acknowledges: boolean; readonly stopped?: SynclineError }): Applied {
    const { insert, update, delete: deleted } = this.#counts
    const notes = [
      ...(this.#gone === 0 ? [] : [`${formatAmount(this.#gone, 'row')} to delete had gone before: the API does not know them (404)`]),
      ...(this.#left === 0
        ? []
        : [`${formatAmount(this.#left, 'row')} that the source no longer has stay in the API: this sync did not create them`]),
      ...more.notes,
    ]
    return {
      inserted: insert,
      updated: update,
      deleted,
      moved: this.#moved,
      ...(this.#refused.length === 0 ? {} : { refused: this.#refused }),
      ...(notes.length === 0 ? {} : { notes }),
      ...(more.acknowledges ? { acknowledged: `the API acknowledged ${formatAmount(this.done, 'change')}` } : {}),
      ...(more.stopped ? { stopped: more.stopped } : {}),
    }
  }
}

function failing(): RunError {
  return new RetryableError({
    code: 'API_FAILING',
    message: `the API left ${mostUnanswered} inserts without an answer, one after the other`,
    hint: 'run again when the API is well; the inserts in doubt are among the rejects',
  })
}

function refusesAll(): RunError {
  return new RunError({
    code: 'API_REFUSES',
    message: `the API refused the first ${mostRefused} rows and took none`,
    hint: 'the rejects hold what it said; look at path, body and headers under `to`',
  })
}
