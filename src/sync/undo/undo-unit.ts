import { randomBytes } from 'node:crypto'
import type { Reject } from '../../core/changes.ts'
import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import type { JournalNote, RunResult } from '../../core/run.ts'
import { lockSync } from '../../state/lock.ts'
import type { State } from '../../state/state.ts'
import { beginWriting, type Outcome } from '../apply.ts'
import { describeTarget } from '../ends.ts'
import { openFamilyEnds } from '../family/open-family.ts'
import { edgesOf } from '../family/order.ts'
import { nameOf, type Part, type Ready } from '../family/part.ts'
import { recoverFamily } from '../family/recover-family.ts'
import { together } from '../family/results.ts'
import { Faults, writing } from '../family/run-together.ts'
import { isUntouched, writeTogether } from '../family/write.ts'
import { clearJournals } from '../journal/clear.ts'
import { journalPath } from '../journal/entry.ts'
import { keepJournal } from '../journal/keep.ts'
import { failedResult, startResult } from '../run-sync.ts'
import type { RunRequest, Services } from '../services.ts'
import { endOf, notesOf, type TakenBack } from './ending.ts'
import { findReversal, type Reversal } from './find-changes.ts'
import { backwards, journal } from './open-target.ts'
import { readEntry } from './read-entry.ts'
import { refuseUndone } from './refuse.ts'
import { watermarkAfter } from './watermark.ts'

export interface UndoUnitRequest extends RunRequest {
  /** The sync that stands for many tables, and those tables as it now has them. */
  readonly tables: readonly SyncDefinition[]
  /** `RunDetails.unit` of the runs that are taken back. */
  readonly unit: string
}

/**
 * Takes back what one commit did to many tables, in one unit of work, in the order that foreign keys ask for: all of them or
 * none. A result for each table that had changed.
 */
export async function undoUnit(services: Services, request: UndoUnitRequest): Promise<readonly RunResult[]> {
  const begun = startResult(services, request, 'undo')
  const results = await attempt(services, request).catch(async (thrown) => {
    const result = await failedResult(services, request, begun, thrown)
    request.emit({ type: 'started', sync: begun.sync, run: begun.id })
    return [result]
  })
  for (const result of results) request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return results
}

/** One table on its way back. */
interface Returning extends Part {
  readonly run: RunResult
}

async function attempt(services: Services, request: UndoUnitRequest): Promise<readonly RunResult[]> {
  const { definition, tables, unit } = request
  using locks = new DisposableStack()
  locks.use(lockSync(services.lockDirectory, definition.name))
  for (const table of tables) locks.use(lockSync(services.lockDirectory, table.name))
  const state = await services.state()
  await using open = await openFamilyEnds(services, request, async () => journal)
  await recoverFamily(state, definition.name, open.target)
  const runs = (await state.runsOfUnit(unit)).filter(({ counts }) => counts.inserted + counts.updated + counts.deleted > 0)
  const asked = runs.map((run) => ({ run, table: tableOf(run, tables) }))
  for (const { run, table } of asked) {
    await clearJournals(services, state, table)
    await refuseUndone(services, run)
  }
  const parts: Returning[] = []
  for (const { run, table } of asked) {
    const own = { ...request, id: randomBytes(6).toString('hex'), definition: table }
    const started = startResult(services, own, 'undo')
    const begun = { ...started, details: { ...started.details, undoes: run.id } }
    request.emit({ type: 'started', sync: begun.sync, run: begun.id })
    await state.begin(begun)
    const work = open.workOf({ ...own, definition: backwards(table, run.details.key) })
    parts.push({ request: own, begun, work, watermark: null, run })
  }
  return await takeBackTogether(services, state, definition.name, parts)
}

async function takeBackTogether(
  services: Services,
  state: State,
  family: string,
  parts: readonly Returning[],
): Promise<readonly RunResult[]> {
  try {
    const ended = await commitTogether(services, state, parts)
    for (const { result, rejects } of ended) await state.finish(result, rejects)
    return ended.map(({ result }) => result)
  } catch (thrown) {
    const faults = thrown instanceof Faults ? thrown.byTable : new Map<string, unknown>()
    const ended = await together(services, family, parts, faults, thrown instanceof Faults ? undefined : thrown)
    for (const { result } of ended) await state.finish(result)
    for (const { request } of parts) await clearJournals(services, state, request.definition)
    return ended.map(({ result }) => result)
  }
}

async function commitTogether(services: Services, state: State, parts: readonly Returning[]): Promise<readonly TakenBack[]> {
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
  const path = journalPath(services, { sync: run.sync, run: run.id })
  const stage = await work.openStage()
  const entry = await readEntry(stage, path, request.definition)
  work.progress('comparing', { rows: 0, bytes: 0 })
  const reversal = await findReversal(work, stage, path, entry)
  const { value, notes } = await watermarkAfter(state, stage, begun, entry)
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
  rejects: [] as readonly Reject[],
  notes: [],
  schema: [],
}

function tableOf({ sync }: RunResult, tables: readonly SyncDefinition[]): SyncDefinition {
  const table = tables.find(({ name }) => name === sync)
  if (table) return table
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: `\`${sync}\`, which changed together with others, is not among the tables of its sync any more`,
    hint: 'put it back: they are taken back together or not at all',
  })
}
