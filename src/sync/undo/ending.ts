import type { Reject } from '../../core/changes.ts'
import { formatAmount } from '../../core/count.ts'
import { hasCommitted, type JournalNote, type RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import type { Outcome } from '../apply.ts'
import type { JournalEntry } from '../journal/entry.ts'
import { secondsSince } from '../result.ts'
import type { Services } from '../services.ts'
import type { OpenWork } from '../work.ts'
import { countOf, movedSince, type Reversal } from './find-changes.ts'

export interface TakenBack {
  readonly result: RunResult
  readonly rejects: readonly Reject[]
}

/** An undo whose rows are written. */
export interface Ending {
  readonly begun: RunResult
  readonly work: OpenWork
  readonly reversal: Reversal
  readonly watermark: string | null
  readonly notes: readonly string[]
  readonly journal: JournalNote | undefined
}

/** How it ends once the commit has happened, and the rows that it left alone. */
export function endOf(services: Services, ending: Ending, outcome: Outcome): TakenBack {
  const { begun, work, reversal, watermark, journal } = ending
  const { comparison, changes, skipped } = reversal
  const { applied, rejects: moved, verified, verifiedBy } = outcome
  const rejects = [...skipped, ...moved.map((reject) => (reject.reason === 'moved' ? { ...reject, detail: movedSince } : reject))]
  const { inserted, updated, deleted } = applied
  const isProved = verified !== undefined && countOf(comparison.compared) > 0
  const rejected = rejects.length
  const result: RunResult = {
    ...begun,
    status: 'succeeded',
    // What is there already as it was counts as unchanged.
    counts: { read: changes, inserted, updated, deleted, unchanged: changes - inserted - updated - deleted - rejected, rejected },
    watermark,
    seconds: secondsSince(services, begun),
    details: {
      ...begun.details,
      key: comparison.shape.key,
      path: comparison.path,
      ...(isProved ? { verified } : {}),
      ...(isProved && verifiedBy !== undefined ? { verifiedBy } : {}),
      notes: [...ending.notes, ...outcome.notes],
      timings: work.timings(),
      ...(journal ? { journal } : {}),
    },
  }
  return { result, rejects }
}

/** What a person has to know beside the counts. */
export async function notesOf(state: State, run: RunResult, { schema }: JournalEntry): Promise<readonly string[]> {
  const later = (await state.runs({ sync: run.sync, limit: 1000 })).filter(
    (other) =>
      other.sync === run.sync &&
      other.startedAt > run.startedAt &&
      hasCommitted(other) &&
      other.details.undoes !== run.id &&
      other.counts.inserted + other.counts.updated + other.counts.deleted > 0,
  )
  return [
    ...(later.length === 0
      ? []
      : [`${formatAmount(later.length, 'later run')} changed this target too: rows that they changed stay as they are`]),
    ...(schema.length === 0 ? [] : [`what the run changed of the schema stays: ${schema.join('; ')}`]),
  ]
}
