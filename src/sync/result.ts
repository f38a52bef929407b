import type { Applied } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import { CancelledError, toFailure, toSynclineError } from '../core/errors.ts'
import { type Counts, noCounts, type RunResult } from '../core/run.ts'
import type { Comparison } from './compare-ends.ts'
import { courseOf } from './cursor.ts'
import { endNames } from './ends.ts'
import { type SetAside, type Unfinished, UnfinishedError } from './rejects.ts'
import type { RunRequest, Services } from './services.ts'
import { WithheldError } from './withheld.ts'

/** The record of a run that begins. */
export function startResult({ clock }: Services, { id, definition }: RunRequest, command: RunResult['command']): RunResult {
  const course = definition.from.cursor === undefined ? {} : { course: courseOf(definition) }
  const details = { ...endNames(definition), ...course, key: definition.key ?? [], path: '', schema: [], notes: [], timings: {} }
  return {
    id,
    sync: definition.name,
    mode: definition.mode,
    command,
    status: 'running',
    counts: noCounts,
    startedAt: clock.now().toISOString(),
    seconds: 0,
    bytesRead: 0,
    watermark: null,
    error: null,
    details,
  }
}

/** How a run that threw has ended. */
export async function failedResult(services: Services, { signal }: RunRequest, begun: RunResult, thrown: unknown): Promise<RunResult> {
  const unfinished = thrown instanceof UnfinishedError ? thrown.unfinished : undefined
  const known = toSynclineError(thrown instanceof UnfinishedError ? thrown.cause : thrown)
  const error = signal.aborted && !(known instanceof WithheldError) ? new CancelledError(known) : known
  const status = error instanceof CancelledError ? 'cancelled' : error instanceof WithheldError ? 'withheld' : 'failed'
  services.logger.debug(`${begun.sync}: ${error.stack ?? error.message}`)
  const plan = error instanceof WithheldError && error.plan !== undefined ? { plan: error.plan } : {}
  const details = { ...begun.details, ...plan }
  const result = { ...begun, status, seconds: secondsSince(services, begun), error: toFailure(error), details } as const
  return unfinished ? withWhatStays(result, unfinished) : result
}

/** Counts and words for changes that were made before the run ended and that nobody takes back. */
function withWhatStays(result: RunResult, { applied, rejects }: Unfinished): RunResult {
  const { inserted, updated, deleted, notes = [] } = applied
  const done = [formatAmount(inserted, 'insert'), formatAmount(updated, 'update'), formatAmount(deleted, 'delete')].join(', ')
  const stay = `${done} had been made by then and stay: this target takes nothing back; the next run goes on from there`
  return {
    ...result,
    counts: { ...noCounts, inserted, updated, deleted, rejected: rejects.count },
    error: result.error && result.status === 'cancelled' ? { ...result.error, message: 'cancelled; the next run continues' } : result.error,
    details: { ...result.details, stays: true, notes: [...result.details.notes, ...notes, stay] },
  }
}

export function secondsSince({ clock }: Services, { startedAt }: RunResult): number {
  return (clock.now().getTime() - Date.parse(startedAt)) / 1000
}

export function notesOf({ compared, shape, ownColumns }: Comparison): readonly string[] {
  const { inserts, updates, deletes, withheldDeletes } = compared
  const { cascades = [], triggers = [] } = shape.table.dependents ?? {}
  return [
    ...(ownColumns.length === 0
      ? []
      : [`columns that only the target has keep their values: ${ownColumns.map(({ name }) => name).join(', ')}`]),
    ...(withheldDeletes === 0
      ? []
      : [`${formatAmount(withheldDeletes, 'delete')} left out: a rejected row's key is NULL or unreadable, so no delete is proved`]),
    ...(cascades.length === 0 || updates.count + deletes.count === 0
      ? []
      : [`rows that point here are deleted or changed along with theirs, by ${cascades.join(', ')}`]),
    ...(triggers.length === 0 || inserts.count + updates.count + deletes.count === 0
      ? []
      : [`triggers of the target may act on each change: ${triggers.join(', ')}`]),
  ]
}

/** Rows that were not delivered are read again by the next run: it begins where this one did, unless they are there already. */
export function nextWatermark(comparison: Comparison, before: string | null, rejects: SetAside): string | null {
  return rejects.exist ? comparison.watermark : before
}

export function countRows(read: number, { inserted, updated, deleted }: Applied, unchanged: number, rejected: number): Counts {
  return { read, inserted, updated, deleted, unchanged, rejected }
}
