import type { ChangeKind } from '../../core/changes.ts'
import type { Value } from '../../core/value.ts'
import type { Settled, Step } from '../sql/apply-steps.ts'
import type { Part } from '../sql/halving.ts'
import { type Refusal, refusedRow } from '../sql/refusal.ts'
import { canonicalCell } from './cells.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import type { Temporary } from './temporary.ts'

/** Columns that rows are known by, and their cells in a temporary table. */
export interface Key {
  readonly columns: readonly RelationColumn[]
  readonly aliases: readonly string[]
}

interface StepParts {
  readonly kind: ChangeKind
  readonly temporary: Temporary
  readonly key: Key
  /** What is told of a refused row: its key, or every cell where it has none. */
  readonly told: Key
  /**
   * Changes the rows of the temporary table for which `part` is true, all of them where it is absent, and deletes those that
   * were changed from it, unless all of them were. @returns how many were changed.
   */
  readonly run: (part?: string) => Promise<number>
}

/** One kind of change under way: what is left in its temporary table was not done. */
export class TableStep implements Step {
  readonly #session: Session
  readonly #parts: StepParts
  #done = 0

  constructor(session: Session, parts: StepParts) {
    this.#session = session
    this.#parts = parts
  }

  async apply(part?: Part): Promise<void> {
    this.#done += await this.#parts.run(part?.condition('x.nth'))
  }

  async number(): Promise<number> {
    const { sql, rows } = this.#parts.temporary
    await this.#session.execute(`ALTER TABLE ${sql} ADD COLUMN nth integer GENERATED ALWAYS AS IDENTITY`)
    await this.#session.execute(`CREATE INDEX ON ${sql} (nth)`)
    await this.#session.execute(`ANALYZE ${sql}`)
    return rows
  }

  /** Rows that are left were refused, or were not as they should have been. */
  async settle(refused: ReadonlyMap<number, Refusal>): Promise<Settled> {
    const { kind, temporary, key } = this.#parts
    const done = this.#done
    const left = refused.size === 0 && (done === temporary.rows || key.columns.length === 0) ? [] : await this.#left(refused.size > 0)
    const moved = left.filter(({ nth }) => !refused.has(nth)).map((row) => ({ kind, key: row.key }))
    const refusals = left.flatMap((row) => {
      const refusal = refused.get(row.nth)
      return refusal ? [refusedRow({ kind, key: row.told }, refusal)] : []
    })
    return { done, moved: key.columns.length === 0 ? [] : moved, refused: refusals }
  }

  async #left(numbered: boolean) {
    const { temporary, key, told } = this.#parts
    return await this.#session.rows<{ nth: number; key: readonly Value[]; told: readonly Value[] }>(
      `SELECT ${numbered ? 'x.nth' : '0'} AS nth, ${texts(key)} AS key, ${numbered ? texts(told) : texts(key)} AS told FROM ${temporary.sql} AS x ORDER BY nth`,
    )
  }
}

function texts({ columns, aliases }: Key): string {
  const cells = columns.map(({ type }, index) => {
    const cell = aliases[index] ?? ''
    return `CASE WHEN ${cell} IS NOT NULL THEN ${canonicalCell(cell, type)} END`
  })
  return `ARRAY[${cells.join(', ')}]::text[]`
}
