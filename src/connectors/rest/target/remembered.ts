import { formatAmount } from '../../../core/count.ts'
import type { RestClient } from '../client/client.ts'
import { outcomesOf } from './batch.ts'
import { forEachOutcome, type Known } from './known.ts'
import type { Ledger, OpenRequest, SentRow } from './ledger.ts'
import type { TargetOptions } from './options.ts'
import { outcomeOf, type RowOutcome } from './outcome.ts'
import { mayRepeat, type ReadyRequest } from './requests.ts'
import { type ChangedRow, textsOf } from './row.ts'
import type { ReadRow } from './rows.ts'
import { sendRequest } from './send.ts'
import type { Tally } from './tally.ts'

/** What is known of a resource that is not read: what was sent to it, by this sync, and acknowledged. */
export class Remembered implements Known {
  readonly #ledger: Ledger
  readonly #options: TargetOptions
  /** Rows without a key that an unfinished run sent already are not sent again: nobody compared them with what is there. */
  readonly #resumes: boolean
  #inserts = 0
  #settledLate = 0
  #sentBefore = 0
  readonly #missing: string[] = []
  #updates = 0

  constructor(ledger: Ledger, options: TargetOptions, resumes: boolean) {
    this.#ledger = ledger
    this.#options = options
    this.#resumes = resumes
  }

  /** Sends again, as they were, the requests that an idempotency key makes safe to repeat. */
  async prepare(client: RestClient): Promise<void> {
    for (const open of this.#ledger.open()) {
      if (open.repeatable) await this.#sendAgain(client, open)
      if (this.#options.unanswered === 'send') this.#ledger.abandon(open.number)
    }
  }

  meet(read: ReadRow, tally: Tally): ChangedRow | undefined {
    const row = this.#named(read)
    if (row.kind === 'insert') return this.#meetInsert(row, tally)
    const sent = this.#ledger.row(row.name)
    if (row.kind === 'delete' && !sent?.created) {
      this.#ledger.forget(row.name)
      tally.left()
      return undefined
    }
    return { ...row, ...(sent?.id === undefined ? {} : { id: sent.id }) }
  }

  expect(request: ReadyRequest, rows: readonly ChangedRow[]): void {
    // A PUT is repeated without harm, whatever became of it.
    if (rows[0]?.kind !== 'insert' || this.#options.insert.method === 'PUT') return
    const { method, path, params, headers, body, repeatable } = request
    const noted = { method, path, params, headers, body: String(body ?? ''), repeatable }
    this.#ledger.expect(noted, rows.map(sentOf))
  }

  release(rows: readonly ChangedRow[]): void {
    if (rows[0]?.kind === 'insert') this.#ledger.release(rows.map(({ name }) => name))
  }

  settle(rows: readonly ChangedRow[], outcomes: readonly RowOutcome[], tally: Tally): void {
    if (rows[0]?.kind === 'insert') this.#settleInserts(rows, outcomes)
    forEachOutcome(rows, outcomes, (row, outcome) => {
      if (row.kind !== 'insert') this.#note(row, outcome)
      this.#count(row, outcome, tally)
    })
  }

  /** An API that knows none of the rows that were updated has lost them all, or is asked at the wrong path: then nothing is forgotten. */
  async conclude(): Promise<void> {
    if (this.#updates > 0) for (const name of this.#missing) this.#ledger.forget(name)
  }

  notes(): readonly string[] {
    return [
      ...(this.#inserts > 0 && mayRepeat(this.#options)
        ? ['inserts are delivered at least once: without idempotency keys nobody can tell whether an insert without an answer was done']
        : []),
      ...(this.#settledLate === 0
        ? []
        : [
            `${formatAmount(this.#settledLate, 'row')} of inserts that an earlier run left without an answer were sent again under the same idempotency keys`,
          ]),
      ...(this.#sentBefore === 0
        ? []
        : [`${formatAmount(this.#sentBefore, 'row')} had been sent by the run before, which did not come to its end`]),
    ]
  }

  #named(read: ReadRow): ChangedRow {
    if (read.keyColumns.length > 0) return read
    return { ...read, name: `${read.name}#${this.#ledger.nextOf(read.name, !this.#resumes)}` }
  }

  #meetInsert(row: ChangedRow, tally: Tally): ChangedRow | undefined {
    if (this.#ledger.isWaiting(row.name)) {
      const detail = this.#options.idempotency === undefined ? neverAnswered : stillConflicting
      tally.refuse(row, { kind: 'refused', reason: 'unanswered', detail })
      return undefined
    }
    const sent = this.#ledger.row(row.name)
    if (!sent) return row
    // It was not there when both sides were compared: an earlier run's insert has been answered only now.
    if (row.keyColumns.length === 0) this.#sentBefore += 1
    if (row.keyColumns.length === 0 || isAlike(sent, row)) tally.count('insert')
    else tally.refuse(row, { kind: 'refused', reason: 'moved', detail: answeredLate })
    return undefined
  }

  #settleInserts(rows: readonly ChangedRow[], outcomes: readonly RowOutcome[]): void {
    const done: SentRow[] = []
    const refused: string[] = []
    for (const [index, row] of rows.entries()) {
      const outcome = outcomes[index]
      if (outcome?.kind === 'done')
        done.push({ ...sentOf(row), created: outcome.created, ...(outcome.id === undefined ? {} : { id: outcome.id }) })
      // With an idempotency key 409 may also say that the first request is still being worked on.
      else if (outcome?.kind === 'refused' || (outcome?.kind === 'moved' && this.#options.idempotency === undefined)) refused.push(row.name)
    }
    this.#ledger.settle(done, refused)
  }

  #note(row: ChangedRow, outcome: RowOutcome): void {
    if (row.kind === 'delete') {
      if (outcome.kind === 'done') this.#ledger.forget(row.name)
    } else if (outcome.kind === 'done') {
      this.#updates += 1
      this.#ledger.keep({ created: false, ...this.#ledger.row(row.name), ...sentOf(row) })
    } else if (outcome.kind === 'moved' && outcome.status !== 412) this.#missing.push(row.name)
  }

  #count(row: ChangedRow, outcome: RowOutcome, tally: Tally): void {
    if (row.kind === 'insert' && outcome.kind !== 'refused') this.#inserts += 1
    switch (outcome.kind) {
      case 'done':
        tally.count(row.kind, outcome.wasGone)
        break
      case 'moved':
        tally.refuse(row, { kind: 'refused', ...conflict(row, outcome.status), answer: outcome.answer })
        break
      default:
        tally.refuse(row, outcome)
    }
  }

  async #sendAgain(client: RestClient, open: OpenRequest): Promise<void> {
    const waiting = this.#ledger.waiting(open.number)
    const { insert, id } = this.#options
    const sent = await sendRequest(client, { ...open, shown: insert.shown })
    if (!('answer' in sent)) return
    const rows = waiting.map(({ key }) => ({
      ...placeholder,
      name: key,
      key: key.startsWith('[') ? (JSON.parse(key) as readonly string[]) : [],
    }))
    const outcomes = insert.batch
      ? outcomesOf(this.#options, rows, sent.answer)
      : rows.map((row) => outcomeOf(row, insert, sent.answer, id))
    const done = waiting.flatMap((row, index) => {
      const outcome = outcomes?.[index]
      return outcome?.kind === 'done' ? [{ ...row, created: outcome.created, ...(outcome.id === undefined ? {} : { id: outcome.id }) }] : []
    })
    const refused = waiting.flatMap(({ key }, index) => ((outcomes?.[index]?.kind ?? 'refused') === 'refused' ? [key] : []))
    this.#ledger.settle(done, refused)
    this.#settledLate += done.length
  }
}

const lookThere = 'look there, then let it be sent anew with `unanswered: send`'
const neverAnswered = `an earlier insert of this row was never answered: it may have been done; ${lookThere}`
const stillConflicting = `an earlier insert of this row was answered with 409: such a row is there, or the API is still at work on it; ${lookThere}`
const answeredLate =
  'an insert of this row with other cells, which an earlier run left without an answer, is done now; the next run updates it'

const placeholder: ChangedRow = { kind: 'insert', columns: [], cells: [], keyColumns: [], key: [], name: '' }

function sentOf(row: ChangedRow): { readonly key: string; readonly cells: SentRow['cells'] } {
  return { key: row.name, cells: textsOf(row) }
}

function isAlike({ cells }: SentRow, row: ChangedRow): boolean {
  const texts = textsOf(row)
  return Object.keys({ ...cells, ...texts }).every((name) => (cells[name] ?? null) === (texts[name] ?? null))
}

function conflict({ kind }: ChangedRow, status: number) {
  if (kind === 'insert')
    return {
      reason: 'constraint',
      detail: `the API answered the insert with ${status}: it has such a row, which this sync did not send`,
    } as const
  if (status === 412) return { reason: 'moved', detail: 'others have changed the row since this sync sent it' } as const
  return { reason: 'moved', detail: `the API answered the update with ${status}: it has no such row any more` } as const
}
