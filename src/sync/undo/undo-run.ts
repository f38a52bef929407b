import type { JournalNote, RunResult } from '../../core/run.ts'
import { lockSync } from '../../state/lock.ts'
import type { State } from '../../state/state.ts'
import { applyComparison, type Outcome } from '../apply.ts'
import { clearJournals } from '../journal/clear.ts'
import { keepJournal } from '../journal/keep.ts'
import { recover } from '../recover.ts'
import { sealed } from '../redact.ts'
import { SetAside } from '../rejects.ts'
import { failedResult, startResult } from '../result.ts'
import type { RunRequest, Services } from '../services.ts'
import { endOf, notesOf, type TakenBack } from './ending.ts'
import { findReversal } from './find-changes.ts'
import { openTarget } from './open-target.ts'
import { putBack } from './put-back.ts'
import { readJournal } from './read-entry.ts'
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
    await state.finish(result, sealed(request.definition, SetAside.rows(rejects)))
    return result
  } catch (error) {
    const result = await failedResult(services, request, begun, error)
    await state.finish(result)
    await clearJournals(services, state, request.definition)
    return result
  }
}

async function takeBack(services: Services, state: State, request: UndoRequest, begun: RunResult, run: RunResult): Promise<TakenBack> {
  await using work = await openTarget(services, request, run.details.key)
  const whole = await putBack(services, state, { begun, work, run })
  if (whole) return whole
  const stage = await work.openStage()
  const kept = await readJournal(services, stage, run, request.definition)
  const { entry } = kept
  work.progress('comparing', { rows: 0, bytes: 0 })
  const reversal = await findReversal(work, stage, kept)
  const notes = await notesOf(state, run, entry)
  const watermark = await watermarkAfter(state, work.openStage, begun, entry)
  let journal: JournalNote | undefined
  const ended = (outcome: Outcome) =>
    endOf(services, { begun, work, reversal, watermark: watermark.value, notes: [...notes, ...watermark.notes], journal }, outcome)
  const outcome = await applyComparison(work, stage, reversal.comparison, async (taken, proof, session) => {
    const { comparison } = reversal
    const undone = { run: begun.id, work, session, stage, comparison, watermark: null, schema: [], applied: taken.applied }
    journal = await keepJournal(services, undone)
    if (proof) await state.expectCommit({ proof, result: ended(taken).result })
  })
  return ended(outcome)
}
