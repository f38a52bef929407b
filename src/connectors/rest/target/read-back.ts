import { canonicalText } from '../../../core/canonical.ts'
import { RunError } from '../../../core/errors.ts'
import { forEachOutcome, type Known } from './known.ts'
import type { Ledger } from './ledger.ts'
import type { TargetOptions } from './options.ts'
import type { RowOutcome } from './outcome.ts'
import { mayRepeat, type ReadyRequest } from './requests.ts'
import type { Resource } from './resource.ts'
import type { ChangedRow } from './row.ts'
import type { ReadRow } from './rows.ts'
import type { Tally } from './tally.ts'

/** What is known of a resource that can be read: what it says itself, also of inserts that were never answered. */
export class ReadBack implements Known {
  readonly #resource: Resource
  readonly #options: TargetOptions
  readonly #ledger: Ledger
  readonly #key: readonly string[]
  /** Whether the API's ids by key were read: only where a request asks for them. */
  #knowsIds = false
  readonly #doubtful: { readonly row: ChangedRow; readonly outcome: Extract<RowOutcome, { kind: 'unanswered' }> }[] = []
  #inserts = 0

  constructor(parts: {
    readonly resource: Resource
    readonly options: TargetOptions
    readonly ledger: Ledger
    readonly key: readonly string[]
  }) {
    this.#resource = parts.resource
    this.#options = parts.options
    this.#ledger = parts.ledger
    this.#key = parts.key
  }

  async prepare(): Promise<void> {
    const { id, update, delete: deletion } = this.#options
    if (!id || ![...update.names, ...deletion.names].includes('$id')) return
    const [step] = id.steps
    if (step?.kind !== 'member') return
    this.#knowsIds = true
    for await (const row of this.#resource.rows()) this.#ledger.addId(this.#nameOf(row), textOrNull(row[step.name]) ?? '')
  }

  meet(row: ReadRow): ChangedRow {
    const name = row.keyColumns.length > 0 ? row.name : `${row.name}#${this.#ledger.nextOf(row.name, true)}`
    const id = this.#knowsIds && row.kind !== 'insert' ? this.#ledger.idOf(row.name) : undefined
    return { ...row, name, ...(id === undefined ? {} : { id }) }
  }

  /** The resource itself tells later what was done. */
  expect(_request: ReadyRequest, _rows: readonly ChangedRow[]): void {}

  release(_rows: readonly ChangedRow[]): void {}

  settle(rows: readonly ChangedRow[], outcomes: readonly RowOutcome[], tally: Tally): void {
    forEachOutcome(rows, outcomes, (row, outcome) => {
      if (row.kind === 'insert' && outcome.kind !== 'refused') this.#inserts += 1
      if (row.kind === 'insert' && outcome.kind !== 'unanswered' && this.#options.idempotency !== undefined)
        this.#ledger.settle([], [row.name])
      this.#count(row, outcome, tally)
    })
  }

  /** Looks once more for the inserts that were not answered. */
  async conclude(tally: Tally): Promise<void> {
    if (this.#doubtful.length === 0) return
    const wanted = new Map(this.#doubtful.map((one) => [one.row.name, one]))
    if (this.#key.length > 0)
      for await (const row of this.#resource.rows()) {
        const name = this.#nameOf(row)
        if (wanted.delete(name)) tally.count('insert')
      }
    for (const { row, outcome } of wanted.values()) tally.refuse(row, { ...outcome, kind: 'refused', reason: 'unanswered' })
  }

  notes(): readonly string[] {
    if (this.#inserts === 0 || !mayRepeat(this.#options)) return []
    return [
      'inserts are delivered at least once: without idempotency keys only reading the API back tells whether an insert without an answer was done',
    ]
  }

  #count(row: ChangedRow, outcome: RowOutcome, tally: Tally): void {
    if (outcome.kind === 'done') tally.count(row.kind, outcome.wasGone)
    // What is read back shows what became of an update, and of a row that stayed only that it is there.
    else if (outcome.kind === 'moved' && row.kind === 'delete')
      tally.refuse(row, { kind: 'refused', reason: 'moved', detail: changedSince, answer: outcome.answer })
    else if (outcome.kind === 'moved') tally.moved(row)
    else if (outcome.kind === 'unanswered' && row.kind === 'insert') {
      this.#doubtful.push({ row, outcome })
      tally.doubt()
    } else tally.refuse(row, outcome)
  }

  #nameOf(row: Readonly<Record<string, unknown>>): string {
    return JSON.stringify(this.#key.map((name) => textOrNull(row[name])))
  }
}

const changedSince = 'others have changed the row since it was compared: it stays, and the next run compares it again'

function textOrNull(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'object') throw new RunError({ code: 'KEY_NOT_SCALAR', message: 'a key of the API is neither a text nor a number' })
  return canonicalText(value as string | number | bigint | boolean, { kind: 'text' })
}
