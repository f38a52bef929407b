import type { ChangeKind, Refused } from '../../core/changes.ts'
import type { Settled, Step } from '../sql/apply-steps.ts'
import type { Part } from '../sql/halving.ts'
import { type Refusal, refusedRow } from '../sql/refusal.ts'
import { keyTexts } from './key-texts.ts'
import type { Session } from './session.ts'
import type { Cell, Temporary } from './temporary.ts'

interface StepParts {
  readonly kind: ChangeKind
  readonly temporary: Temporary
  /** The cells of the key. */
  readonly keyed: readonly Cell[]
  /** What is told of a refused row: its key, or every cell where it has none. */
  readonly told: readonly Cell[]
  /** The mark of rows that were not as they should have been. */
  readonly moved: number
  /** Changes the rows of the temporary table `x` for which `part` is true. @returns how many. */
  readonly run: (part: string) => Promise<number>
}

/** One kind of change under way. */
export class TableStep implements Step {
  readonly #session: Session
  readonly #parts: StepParts
  #done = 0

  constructor(session: Session, parts: StepParts) {
    this.#session = session
    this.#parts = parts
  }

  async apply(part?: Part): Promise<void> {
    this.#done += await this.#parts.run(part?.condition('x.n') ?? 'true')
  }

  /** They have numbers; some may be left out. */
  async number(): Promise<number> {
    const [[last] = []] = await this.#session.rows(`SELECT max(n) FROM ${this.#parts.temporary.sql}`)
    return Number(last ?? 0)
  }

  async settle(refusals: ReadonlyMap<number, Refusal>): Promise<Settled> {
    const { kind, temporary, keyed, told, moved: mark } = this.#parts
    const isWhole = this.#done + refusals.size === temporary.rows
    const moved = isWhole ? [] : await keyTexts(this.#session, temporary, keyed, `x.matched = ${mark}`)
    const refused: Refused[] = []
    const numbers = [...refusals.keys()].sort((one, other) => one - other)
    for (let start = 0; start < numbers.length; start += 1000) {
      const part = numbers.slice(start, start + 1000)
      const keys = await keyTexts(this.#session, temporary, told, `x.n IN (${part.join(', ')})`)
      for (const [index, key] of keys.entries()) {
        const refusal = refusals.get(part[index] ?? 0)
        if (refusal) refused.push(refusedRow({ kind, key }, refusal))
      }
    }
    return { done: this.#done, moved: moved.map((key) => ({ kind, key })), refused }
  }
}
