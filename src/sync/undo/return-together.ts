import type { JournalNote, RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import type { Outcome } from '../apply.ts'
import { beginWriting, describeTarget } from '../ends.ts'
import { edgesOf } from '../family/order.ts'
import { nameOf, type Part, type Ready } from '../family/part.ts'
import { writing } from '../family/run-together.ts'
import { isUntouched, writeTogether } from '../family/write.ts'
import { keepJournal } from '../journal/keep.ts'
import type { Services } from '../services.ts'
import { endOf, notesOf, type TakenBack } from './ending.ts'
import { findReversal, type Reversal } from './find-changes.ts'
import { readJournal } from './read-entry.ts'
import { watermarkAfter } from './watermark.ts'

/** One table on its way back. */
export interface Returning extends Part {
  readonly run: RunResult
}

/** Takes back all tables in one unit of work. @throws Faults naming the table at which it failed; nothing is changed then. */
export async function returnTogether(services: Services, state: State, parts: readonly Returning[]): Promise<readonly TakenBack[]> {
  const turned: Turned[] = []
  for (const part of parts) turned.push(await turnRound(services, state, part))
  const ready = turned.map((one) => one.ready)
  const journals = new Map<Ready, JournalNote>()
  const endings = (outcomes: ReadonlyMap<Ready, Outcome>) =>
    turned.map((one) => ended(services, one, outcomes.get(one.ready) ?? nothingDone, journals.get(one.ready), parts))
  const [first] = ready
  if (!first || ready.every(isUntouched)) return endings(new Map())
  await using session = await beginWriting(first.work)
  const edges = edgesOf(ready.map((part) => ({ name: nameOf(part), target: part.ends.target })))
  const outcomes = await writing(ready, async (at) => await writeTogether(session, ready, edges, at))
  first.work.signal.throwIfAborted()
  const proof = await session.proof?.()
  for (const { ready: part, reversal } of turned) {
    const applied = (outcomes.get(part) ?? nothingDone).applied
    const { begun, work, stage } = part
    const note = await keepJournal(services, {
      run: begun.id,
      work,
      session,
      stage,
      comparison: reversal.comparison,
      watermark: null,
      schema: [],
      applied,
    })
    if (note) journals.set(part, note)
  }
  const results = endings(outcomes)
  if (proof) await state.expectCommits(results.map(({ result }) => ({ proof, result })))
  await session.commit()
  return results
}

/** The changes of one table, turned round. */
interface Turned {
  readonly ready: Ready
  readonly reversal: Reversal
  readonly watermark: string | null
  readonly notes: readonly string[]
}

async function turnRound(services: Services, state: State, part: Returning): Promise<Turned> {
  const { run, work, begun, request } = part
  const stage = await work.openStage()
  const journal = await readJournal(services, stage, run, request.definition)
  const { entry } = journal
  work.progress('comparing', { rows: 0, bytes: 0 })
  const reversal = await findReversal(work, stage, journal)
  const { value, notes } = await watermarkAfter(state, work.openStage, begun, entry)
  const target = await describeTarget(work)
  const ready = { ...part, stage, ends: { source: reversal.comparison.shape.table, target }, comparison: reversal.comparison }
  return { ready, reversal, watermark: value, notes: [...(await notesOf(state, run, entry)), ...notes] }
}

function ended(
  services: Services,
  { ready, reversal, watermark, notes }: Turned,
  outcome: Outcome,
  note: JournalNote | undefined,
  parts: readonly Part[],
): TakenBack {
  const { begun, work } = ready
  const { result, rejects } = endOf(services, { begun, work, reversal, watermark, notes, journal: note }, outcome)
  const unit = parts.length > 1 ? { unit: parts[0]?.begun.id ?? '' } : {}
  return { result: { ...result, details: { ...result.details, ...unit } }, rejects }
}

const nothingDone: Outcome = {
  applied: { inserted: 0, updated: 0, deleted: 0, moved: [] },
  rejects: [],
  notes: [],
  schema: [],
}
