import type { Reject } from '../../core/changes.ts'
import { formatAmount } from '../../core/count.ts'
import { RunError } from '../../core/errors.ts'
import type { JournalNote, RunResult } from '../../core/run.ts'
import { lockSync } from '../../state/lock.ts'
import type { State } from '../../state/state.ts'
import { applyComparison, type Outcome } from '../apply.ts'
import { clearJournals } from '../journal/clear.ts'
import { type JournalEntry, journalPath, parseEntry, targetDigest } from '../journal/entry.ts'
import { keepJournal } from '../journal/keep.ts'
import { recover } from '../recover.ts'
import { failedResult, secondsSince, startResult } from '../run-sync.ts'
import type { RunRequest, Services } from '../services.ts'
import type { OpenWork } from '../work.ts'
import { countOf, findReversal, movedSince, type Reversal } from './find-changes.ts'
import { openTarget } from './open-target.ts'
import { refuseUndone } from './refuse.ts'
import { watermarkAfter } from './watermark.ts'

export interface UndoRequest extends RunRequest {
  /** The id of the run that is taken back. */
  readonly undoes: string
}

/**
 * Takes a run back, row by row, in one unit of work: what it inserted is deleted, what it deleted inserted, what it changed
 * changed back. Rows that others changed since stay and are rejects. It is a run itself; no guard stops it: a person asked.
 */
export async function undoRun(services: Services, request: UndoRequest): Promise<RunResult> {
  const started = startResult(services, request, 'undo')
  const begun = { ...started, details: { ...started.details, undoes: request.undoes } }
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  const result = await attempt(services, request, begun).catch((error) => failedResult(services, request, begun, error))
  request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return result
}

async function attempt(services: Services, request: UndoRequest, begun: RunResult): Promise<RunResult> {
  using _lock = lockSync(services.lockDirectory, begun.sync)
  const state = await services.state()
  await recover(services, state, request)
  await clearJournals(services, state, request.definition)
  const run = await state.run(request.undoes)
  await refuseUndone(services, run)
  await state.begin(begun)
  try {
    const { result, rejects } = await takeBack(services, state, request, begun, run)
    await state.finish(result, rejects)
    return result
  } catch (error) {
    const result = await failedResult(services, request, begun, error)
    await state.finish(result)
    await clearJournals(services, state, request.definition)
    return result
  }
}

interface TakenBack {
  readonly result: RunResult
  readonly rejects: readonly Reject[]
}

async function takeBack(services: Services, state: State, request: UndoRequest, begun: RunResult, run: RunResult): Promise<TakenBack> {
  const path = journalPath(services, { sync: run.sync, run: run.id })
  await using work = await openTarget(services, request, run.details.key)
  const stage = await work.openStage()
  const entry = parseEntry((await stage.describedChanges(path)) ?? '{}')
  if (entry.target !== targetDigest(request.definition)) throw otherTarget(run)
  work.progress('comparing', { rows: 0, bytes: 0 })
  const reversal = await findReversal(work, stage, path, entry)
  const notes = await notesOf(state, run, entry)
  const watermark = await watermarkAfter(state, stage, begun, entry)
  let journal: JournalNote | undefined
  const ended = (outcome: Outcome) =>
    endOf(services, { begun, work, reversal, watermark: watermark.value, notes: [...notes, ...watermark.notes], journal }, outcome)
  const outcome = await applyComparison(work, stage, reversal.comparison, async (taken, proof) => {
    const kept = { run: begun.id, work, stage, comparison: reversal.comparison, watermark: null, schema: [], applied: taken.applied }
    journal = await keepJournal(services, kept)
    if (proof) await state.expectCommit({ proof, result: ended(taken).result })
  })
  return ended(outcome)
}

interface Ending {
  readonly begun: RunResult
  readonly work: OpenWork
  readonly reversal: Reversal
  readonly watermark: string | null
  readonly notes: readonly string[]
  readonly journal: JournalNote | undefined
}

function endOf(services: Services, ending: Ending, outcome: Outcome): TakenBack {
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

async function notesOf(state: State, run: RunResult, { schema }: JournalEntry): Promise<readonly string[]> {
  const later = (await state.runs({ sync: run.sync, limit: 1000 })).filter(
    ({ sync, startedAt, status, details, counts }) =>
      sync === run.sync &&
      startedAt > run.startedAt &&
      status === 'succeeded' &&
      details.undoes !== run.id &&
      counts.inserted + counts.updated + counts.deleted > 0,
  )
  return [
    ...(later.length === 0
      ? []
      : [`${formatAmount(later.length, 'later run')} changed this target too: rows that they changed stay as they are`]),
    ...(schema.length === 0 ? [] : [`what the run changed of the schema stays: ${schema.join('; ')}`]),
  ]
}

function otherTarget({ id, sync }: RunResult): RunError {
  return new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${id} cannot be undone: \`${sync}\` wrote to another target then than the config names now; nothing was changed`,
    hint: 'let `to` name that target again, then undo',
  })
}
