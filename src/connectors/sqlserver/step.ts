import type { ChangeKind } from '../../core/changes.ts'
import type { Settled, Step } from '../sql/apply-steps.ts'
import type { Part } from '../sql/halving.ts'
import { type Refusal, refusedRow } from '../sql/refusal.ts'
import type { Session } from './session.ts'
import { misfitRows, rowsLeft } from './settle.ts'
import type { StagedCell } from './staging.ts'
import type { Typed } from './typed.ts'

interface StepParts {
  readonly kind: ChangeKind
  readonly typed: Typed
  readonly key: readonly StagedCell[]
  /** What is told of a refused row: its key, or every cell where it has none. */
  readonly told: readonly StagedCell[]
  /** Changes the rows of the typed table `x` for which `part` is true, and takes those that were changed out of it. @returns how many. */
  readonly run: (part: string) => Promise<number>
}

/** One kind of change under way: what is left in its typed table was not done, and what never came into it does not fit. */
export class TableStep implements Step {
  readonly #session: Session
  readonly #parts: StepParts
  #done = 0

  constructor(session: Session, parts: StepParts) {
    this.#session = session
    this.#parts = parts
  }

  async apply(part?: Part): Promise<void> {
    this.#done += await this.#parts.run(part?.condition('x.n') ?? everyRow)
  }

  /** They have numbers; those that do not fit are left out. */
  async number(): Promise<number> {
    return this.#parts.typed.loaded.rows
  }

  async settle(refusals: ReadonlyMap<number, Refusal>): Promise<Settled> {
    const { kind, typed, key, told } = this.#parts
    const left = this.#done === typed.rows ? [] : await rowsLeft(this.#session, typed, told)
    const moved = left.flatMap((row) => (refusals.has(row.n) ? [] : [{ kind, key: row.cells }]))
    const refused = left.flatMap((row) => {
      const refusal = refusals.get(row.n)
      return refusal ? [refusedRow({ kind, key: row.cells }, refusal)] : []
    })
    const misfits = typed.rows === typed.loaded.rows ? [] : await misfitRows(this.#session, kind, typed.loaded, told)
    return { done: this.#done, moved: key.length === 0 ? [] : moved, refused: [...misfits, ...refused] }
  }
}

const everyRow = '1 = 1'
