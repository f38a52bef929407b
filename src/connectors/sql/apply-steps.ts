import type { Applied, ChangeSet, Moved, Refused } from '../../core/changes.ts'
import { NotDirectError, RunError } from '../../core/errors.ts'
import { mostRefused, type Refusal, refusesTooMany } from './refusal.ts'
import type { Savepoint } from './savepoint.ts'
import { type Change, Splitting } from './splitting.ts'

/** One kind of change, ready to be made. */
export interface Step extends Change {
  /** What it came to; of rows that were refused, why, by their numbers. */
  settle(refused: ReadonlyMap<number, Refusal>): Promise<Settled>
}

export interface Settled {
  readonly done: number
  readonly moved: readonly Moved[]
  readonly refused: readonly Refused[]
}

/** How a database applies changes. */
interface Steps {
  /** The table, for people. */
  readonly table: string
  readonly savepoint: Savepoint
  deletes(): Promise<Step>
  updates(): Promise<Step>
  inserts(): Promise<Step>
}

/**
 * Applies a change set in a transaction: deletes first, which free unique values, then updates, then inserts. Rows that the
 * database refuses are left out.
 */
export async function applySteps(steps: Steps, { key, deletes, updates, inserts }: ChangeSet): Promise<Applied> {
  if (key.length === 0 && updates.count + deletes.count > 0) {
    throw new RunError({ code: 'NO_KEY', message: 'updates and deletes need a key that tells rows apart' })
  }
  const splitting = new Splitting(steps.savepoint, mostRefused)
  try {
    const deleting = await begin(splitting, deletes.count, steps.deletes)
    const updating = await begin(splitting, updates.count, steps.updates)
    const inserting = await begin(splitting, inserts.count, steps.inserts)
    await splitting.tryAgain()
    if (splitting.isPast) throw refusesTooMany(steps.table)
    const [deleted, updated, inserted] = [await deleting(), await updating(), await inserting()]
    const refused = [...deleted.refused, ...updated.refused, ...inserted.refused]
    return {
      deleted: deleted.done,
      updated: updated.done,
      inserted: inserted.done,
      moved: [...deleted.moved, ...updated.moved, ...inserted.moved],
      ...(refused.length === 0 ? {} : { refused }),
    }
  } catch (error) {
    throw error instanceof NotDirectError ? new RunError({ code: 'VALUE_REFUSED', message: error.message }) : error
  }
}

async function begin(splitting: Splitting, rows: number, make: () => Promise<Step>): Promise<() => Promise<Settled>> {
  if (rows === 0) return async () => ({ done: 0, moved: [], refused: [] })
  const step = await make()
  await splitting.apply(step)
  return async () => await step.settle(splitting.refusedOf(step))
}
