import type { CommitProof } from '../connectors/connector.ts'
import type { Applied, Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import { CancelledError, NotDirectError, RunError, toFailure, toSynclineError } from '../core/errors.ts'
import { belongsTo } from '../core/family.ts'
import { type Counts, type JournalNote, noCounts, type RunResult } from '../core/run.ts'
import { shellWord } from '../core/shell.ts'
import type { Stage } from '../stage/stage.ts'
import { lockSync } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import { applyComparison, type BeforeCommit, type Outcome } from './apply.ts'
import { type Comparison, compareEnds, unchangedRows } from './compare-ends.ts'
import { courseOf } from './cursor.ts'
import { endNames } from './ends.ts'
import { impactOf, passedGuard } from './guard.ts'
import { clearJournals, clearKept } from './journal/clear.ts'
import { keepJournal } from './journal/keep.ts'
import { LoadJournal } from './journal/load-journal.ts'
import { loadSource, WithheldError, withheld } from './load.ts'
import { recover } from './recover.ts'
import { allRejects, RejectsError, refuseRejects, type Unfinished, UnfinishedError, whyRejectsStop } from './rejects.ts'
import { type PlanToApply, refuseChanged, refuseMoved, refuseOtherColumns, rowsAddedTo, stale } from './saved-plan.ts'
import type { RunRequest, Services } from './services.ts'
import { type OpenWork, openWork } from './work.ts'

/**
 * One sync from beginning to end. It always ends in a result: a failure is one, too. While it lasts no other process runs
 * the same sync.
 * @param before results of the syncs that ran before this one: where one that it comes `after` is not in step, it does not run.
 */
export async function runSync(services: Services, request: RunRequest, before: readonly RunResult[]): Promise<RunResult> {
  const begun = startResult(services, request, request.plan ? 'apply' : 'run')
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  const result = await attempt(services, request, begun, before).catch((error) => failedResult(services, request, begun, error))
  request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return result
}

async function attempt(services: Services, request: RunRequest, begun: RunResult, before: readonly RunResult[]): Promise<RunResult> {
  refuseAfterFailure(request, before)
  using _lock = lockSync(services.lockDirectory, begun.sync)
  const state = await services.state()
  await recover(services, state, request)
  await clearJournals(services, state, request.definition)
  await state.begin(begun)
  return await walkSync(services, state, request, begun, async () => await openWork(services, request))
}

/** A run that was noted as begun, to its end in the state. */
export async function walkSync(
  services: Services,
  state: State,
  request: RunRequest,
  begun: RunResult,
  open: () => Promise<OpenWork>,
): Promise<RunResult> {
  try {
    return await new Run(services, request, begun, state).walk(open)
  } catch (error) {
    const result = await failedResult(services, request, begun, error)
    await state.finish(result, rejectsOf(error))
    await clearJournals(services, state, request.definition)
    return result
  }
}

export function rejectsOf(thrown: unknown): readonly Reject[] | undefined {
  if (thrown instanceof UnfinishedError) return thrown.unfinished.rejects
  return thrown instanceof RejectsError ? thrown.rejects : undefined
}

/** The rows that were set aside before anything was applied are kept with those that the target refused. */
function withRejects(thrown: unknown, rejects: readonly Reject[]): unknown {
  if (thrown instanceof UnfinishedError) {
    const { applied, rejects: refused } = thrown.unfinished
    return new UnfinishedError(thrown.cause, { applied, rejects: [...rejects, ...refused] })
  }
  return thrown instanceof RejectsError ? thrown.after(rejects) : thrown
}

export function refuseAfterFailure({ definition }: RunRequest, before: readonly RunResult[]): void {
  const cause = before.find((result) => result.status !== 'succeeded' && definition.after.some((name) => belongsTo(result.sync, name)))
  if (!cause) return
  throw new RunError({
    code: 'DEPENDENCY',
    message: `\`${definition.name}\` comes after \`${cause.sync}\`, which is ${cause.status}; it was not run`,
    hint: `mend \`${cause.sync}\` first, or run this one alone: syncline run ${shellWord(definition.name)}`,
  })
}

/** One walk: read, stage, compare, apply, verify. */
class Run {
  readonly #services: Services
  readonly #request: RunRequest
  readonly #begun: RunResult
  readonly #state: State

  constructor(services: Services, request: RunRequest, begun: RunResult, state: State) {
    this.#services = services
    this.#request = request
    this.#begun = begun
    this.#state = state
  }

  async walk(open: () => Promise<OpenWork>): Promise<RunResult> {
    const { definition } = this.#request
    const watermark = definition.from.cursor === undefined ? null : await this.#state.watermark(definition.name, courseOf(definition))
    if (this.#request.plan) refuseChanged(this.#request.plan, definition, watermark)
    await using work = await open()
    await clearKept(this.#services, work)
    if (this.#request.plan) return await this.#compareAndApply(work, watermark)
    const loads = definition.mode === 'replace' || (definition.mode === 'append' && definition.from.cursor === undefined)
    if (!loads) return await this.#compareAndApply(work, watermark)
    try {
      return await this.#load(work)
    } catch (error) {
      if (!(error instanceof NotDirectError)) throw error
      return await this.#compareAndApply(work, watermark, error.message)
    }
  }

  async #load(work: OpenWork): Promise<RunResult> {
    const loaded = await loadSource(
      work,
      work.openStage,
      new LoadJournal(this.#services, this.#begun.id, work),
      this.#beforeCommit((outcome) => this.#loadedResult(work, outcome)),
    )
    const { outcome, shape, path, read, bytes, rejects } = loaded
    const counts = countRows(read, outcome.applied, 0, rejects.length)
    const result = this.#end(work, { counts, bytesRead: bytes, watermark: null }, outcome, { key: shape.key, path, ...journalOf(outcome) })
    await this.#state.finish(result, rejects)
    return result
  }

  async #compareAndApply(work: OpenWork, watermark: string | null, whyNotDirect?: string): Promise<RunResult> {
    const { definition } = this.#request
    const stage = await work.openStage()
    const mode = definition.mode === 'replace' ? 'mirror' : definition.mode
    const { plan } = this.#request
    const found = await compareEnds(work, stage, { mode, watermark })
    const comparison = plan ? await asPlanned(work, stage, found, plan) : found
    if (!plan) await this.#refuse(work, stage, comparison)

    const rejects = await allRejects(stage)
    let journal: JournalNote | undefined
    const result = (outcome: Outcome) => {
      const all = [...rejects, ...outcome.rejects]
      const counts = countRows(comparison.read, outcome.applied, unchangedRows(comparison), all.length)
      const parts = { counts, bytesRead: comparison.bytes, watermark: nextWatermark(comparison, watermark, all) }
      return this.#end(work, parts, outcome, {
        key: comparison.shape.key,
        path: whyNotDirect ?? comparison.path,
        notes: notesOf(comparison),
        ...(journal ? { journal } : {}),
      })
    }
    const beforeCommit: BeforeCommit = async (outcome, proof) => {
      const kept = { run: this.#begun.id, work, stage, comparison, watermark, schema: outcome.schema, applied: outcome.applied }
      journal = await keepJournal(this.#services, kept)
      await this.#beforeCommit(result)(outcome, proof)
    }
    if (work.target.traits.atomicity === 'none') await this.#state.update(this.#begunToStay)
    const outcome = await applyComparison(work, stage, comparison, beforeCommit, plan).catch((thrown) => {
      throw withRejects(thrown, rejects)
    })
    const ended = result(outcome)
    await this.#state.finish(ended, [...rejects, ...outcome.rejects])
    return ended
  }

  /** What a run by itself does not do, and a person may: by applying a plan. */
  async #refuse(work: OpenWork, stage: Stage, comparison: Comparison): Promise<void> {
    const { definition } = this.#request
    const { read } = comparison
    if (whyRejectsStop(definition, stage.rejected, read) !== undefined) refuseRejects(work, await allRejects(stage), read)
    const passed = passedGuard(definition.guard, impactOf(definition, comparison))
    if (passed !== undefined) throw withheld(passed)
  }

  /** Should this process die now, what it changed is not taken back by anybody. */
  get #begunToStay(): RunResult {
    return { ...this.#begun, details: { ...this.#begun.details, stays: true } }
  }

  /** The note that lets the next run know how this one ended, should this process die right after the commit. */
  #beforeCommit(resultOf: (outcome: Outcome) => RunResult): BeforeCommit {
    return async (outcome: Outcome, proof: CommitProof | undefined) => {
      if (proof) await this.#state.expectCommit({ proof, result: resultOf(outcome) })
    }
  }

  #loadedResult(work: OpenWork, outcome: Outcome): RunResult {
    const counts = countRows(outcome.applied.inserted, outcome.applied, 0, 0)
    return this.#end(work, { counts, bytesRead: 0, watermark: null }, outcome, {
      key: outcome.key ?? [],
      path: 'direct',
      ...journalOf(outcome),
    })
  }

  #end(
    work: OpenWork,
    parts: Pick<RunResult, 'counts' | 'bytesRead' | 'watermark'>,
    outcome: Outcome,
    details: Partial<RunResult['details']>,
  ): RunResult {
    return {
      ...this.#begun,
      ...parts,
      status: 'succeeded',
      seconds: secondsSince(this.#services, this.#begun),
      details: {
        ...this.#begun.details,
        ...details,
        ...(outcome.verified === undefined ? {} : { verified: outcome.verified }),
        ...(outcome.verifiedBy === undefined ? {} : { verifiedBy: outcome.verifiedBy }),
        schema: outcome.schema,
        notes: [...this.#begun.details.notes, ...(details.notes ?? []), ...outcome.notes],
        timings: work.timings(),
      },
    }
  }
}

function journalOf({ journal }: Outcome): Pick<RunResult['details'], 'journal'> {
  return journal ? { journal } : {}
}

/** The changes of a plan, if they are still those of both sides. */
async function asPlanned(work: OpenWork, stage: Stage, found: Comparison, plan: PlanToApply): Promise<Comparison> {
  refuseOtherColumns(plan, found)
  const targetRows = await rowsAddedTo(work, found)
  if (targetRows !== plan.targetRows) throw stale(plan, `the target holds ${targetRows ?? 0} rows, and held ${plan.targetRows ?? 0}`)
  const { compared, moved } = await stage.asSaved(found.compared, plan.file, plan.number)
  refuseMoved(plan, moved)
  return { ...found, compared, targetRows: targetRows ?? found.targetRows, watermark: plan.watermark.after }
}

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
  const result = { ...begun, status, seconds: secondsSince(services, begun), error: toFailure(error) } as const
  return unfinished ? withWhatStays(result, unfinished) : result
}

/** Counts and words for changes that were made before the run ended and that nobody takes back. */
function withWhatStays(result: RunResult, { applied, rejects }: Unfinished): RunResult {
  const { inserted, updated, deleted, notes = [] } = applied
  const done = [formatAmount(inserted, 'insert'), formatAmount(updated, 'update'), formatAmount(deleted, 'delete')].join(', ')
  const stay = `${done} had been made by then and stay: this target takes nothing back; the next run goes on from there`
  return {
    ...result,
    counts: { ...noCounts, inserted, updated, deleted, rejected: rejects.length },
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
export function nextWatermark(comparison: Comparison, before: string | null, rejects: readonly Reject[]): string | null {
  return rejects.every(({ reason }) => reason === 'exists') ? comparison.watermark : before
}

export function countRows(read: number, { inserted, updated, deleted }: Applied, unchanged: number, rejected: number): Counts {
  return { read, inserted, updated, deleted, unchanged, rejected }
}
