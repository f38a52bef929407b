import { isolate, listed, type Part, span } from './halving.ts'
import { type Refusal, RefusedRowError } from './refusal.ts'
import type { Savepoint } from './savepoint.ts'

/** One kind of change: its rows lie in a temporary table of the database. */
export interface Change {
  /** Applies the rows of a part, or every row. What it throws leaves the transaction to be rolled back to the savepoint. */
  apply(part?: Part): Promise<void>
  /** Numbers the rows, from one. @returns how many there are. */
  number(): Promise<number>
}

/**
 * Applies changes in a transaction, each kind in one statement as long as none of its rows is refused. Where one is, the rows
 * are split until those at fault stand alone, and the others are applied.
 */
export class Splitting {
  readonly #savepoint: Savepoint
  readonly #most: number
  readonly #refused = new Map<Change, Map<number, Refusal>>()

  /** @param most refused rows that are looked for; past them it may leave the rest undone, because all will be rolled back. */
  constructor(savepoint: Savepoint, most: number) {
    this.#savepoint = savepoint
    this.#most = most
  }

  /** Why rows of a change were refused, by their numbers. */
  refusedOf(change: Change): ReadonlyMap<number, Refusal> {
    return this.#refused.get(change) ?? new Map()
  }

  async apply(change: Change): Promise<void> {
    const refusal = await this.#attempt(change)
    if (refusal === undefined || this.isPast) return
    const whole = span(1, (await change.number()) + 1)
    this.#refused.set(change, await this.#isolate(change, whole, refusal))
  }

  /** Tries rows again that others may have stood in the way of, as long as that helps: those others are done by now, or gone. */
  async tryAgain(): Promise<void> {
    let helped = true
    while (helped && !this.isPast) {
      helped = false
      for (const change of this.#refused.keys()) helped = (await this.#again(change)) || helped
    }
  }

  async #again(change: Change): Promise<boolean> {
    const refused = this.#refused.get(change) ?? new Map<number, Refusal>()
    const waiting = [...refused].filter(([, { dependsOnOthers }]) => dependsOnOthers)
    if (waiting.length === 0) return false
    const part = listed(waiting.map(([number]) => number))
    const refusal = await this.#attempt(change, part)
    const left = refusal === undefined ? new Map<number, Refusal>() : await this.#isolate(change, part, refusal)
    const lasting = [...refused].filter(([, { dependsOnOthers }]) => !dependsOnOthers)
    this.#refused.set(change, new Map([...lasting, ...left]))
    return left.size < waiting.length
  }

  async #isolate(change: Change, part: Part, refusal: Refusal): Promise<Map<number, Refusal>> {
    return await isolate(part, refusal, async (half) => await this.#attempt(change, half), this.#most)
  }

  /** Whether more rows were refused than are looked for: what was done is not complete. */
  get isPast(): boolean {
    return [...this.#refused.values()].some(({ size }) => size > this.#most)
  }

  async #attempt(change: Change, part?: Part): Promise<Refusal | undefined> {
    await this.#savepoint.mark()
    try {
      await change.apply(part)
    } catch (error) {
      if (!(error instanceof RefusedRowError)) throw error
      await this.#savepoint.takeBack(error)
      return error.refusal
    }
    await this.#savepoint.release()
    return undefined
  }
}
