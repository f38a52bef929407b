import type { CommitProof } from '../connectors/connector.ts'
import { NotDirectError, RunError } from '../core/errors.ts'
import { belongsTo } from '../core/family.ts'
import type { JournalNote, RunResult } from '../core/run.ts'
import { shellWord } from '../core/shell.ts'
import { lockSync } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import { applyComparison, type BeforeCommit, type Outcome } from './apply.ts'
import { compareEnds, unchangedRows } from './compare-ends.ts'
import { courseOf } from './cursor.ts'
import { impactOf, passedGuard } from './guard.ts'
import { clearJournals, clearKept } from './journal/clear.ts'
import { beginJournal, keepJournal } from './journal/keep.ts'
import { LoadJournal } from './journal/load-journal.ts'
import { loadSource } from './load.ts'
import type { Planned } from './planned.ts'
import { asPlanned } from './plans/as-planned.ts'
import { clearPlans } from './plans/clear.ts'
import { keepPlan } from './plans/keep.ts'
import { refuseChanged } from './plans/saved-plan.ts'
import { asWithheld, onlyInserts, proceeds, provingChanges, withoutInserts } from './proceed.ts'
import { recover } from './recover.ts'
import { sealed } from './redact.ts'
import { RejectsError, refuseRejects, SetAside, UnfinishedError } from './rejects.ts'
import { countRows, failedResult, nextWatermark, notesOf, secondsSince, startResult } from './result.ts'
import type { RunRequest, Services } from './services.ts'
import { WithheldError } from './withheld.ts'
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
  const result = await walkSync(services, state, request, begun, async () => await openWork(services, request))
  await clearPlans(services, state, request.definition, [result])
  return result
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
    // Kept while the stage was open.
    await state.finish(result, rejectsOf(error) && 'kept')
    await clearJournals(services, state, request.definition)
    return result
  }
}

export function rejectsOf(thrown: unknown): SetAside | undefined {
  if (thrown instanceof UnfinishedError) return thrown.unfinished.rejects
  return thrown instanceof RejectsError ? thrown.rejects : undefined
}

/** The rows that were set aside before anything was applied are kept with those that the target refused. */
function withRejects(thrown: unknown, rejects: SetAside): unknown {
  if (thrown instanceof UnfinishedError) {
    const { applied, rejects: refused } = thrown.unfinished
    return new UnfinishedError(thrown.cause, { applied, rejects: rejects.and(refused) })
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
    try {
      return await this.#walk(work, watermark)
    } catch (error) {
      const rejects = rejectsOf(error)
      if (rejects) await this.#state.keepRejects(this.#begun, sealed(definition, rejects))
      throw error
    }
  }

  async #walk(work: OpenWork, watermark: string | null): Promise<RunResult> {
    const { definition } = this.#request
    await clearKept(this.#services, work)
    if (this.#request.plan) return await this.#compareAndApply(work, watermark)
    const loads = definition.mode === 'replace' || (definition.mode === 'append' && definition.from.cursor === undefined)
    if (!loads) return await this.#compareAndApply(work, watermark)
    const journal = new LoadJournal(this.#services, this.#begun.id, work)
    try {
      return await this.#load(work, journal)
    } catch (error) {
      if (error instanceof WithheldError) throw await this.#planned(work, watermark, error)
      if (!(error instanceof NotDirectError)) throw error
      await journal.abandon()
      return await this.#compareAndApply(work, watermark, error.message)
    }
  }

  /** A load that was withheld compared nothing: what it would change is found out for the person who decides. */
  async #planned(work: OpenWork, watermark: string | null, stopped: WithheldError): Promise<WithheldError> {
    const stage = await work.openStage()
    const comparison = await compareEnds(work, stage, { mode: 'mirror', watermark })
    return await this.#kept(stopped, { begun: this.#begun, work, stage, comparison, watermark })
  }

  async #kept(stopped: WithheldError, planned: Planned): Promise<WithheldError> {
    return this.#request.adhoc ? stopped : stopped.keptIn(await keepPlan(this.#services, this.#begun.id, [planned]))
  }

  async #load(work: OpenWork, journal: LoadJournal): Promise<RunResult> {
    const loaded = await loadSource(
      work,
      work.openStage,
      journal,
      this.#beforeCommit((outcome) => this.#loadedResult(work, outcome)),
    )
    const { outcome, shape, path, read, bytes, rejects } = loaded
    const counts = countRows(read, outcome.applied, 0, rejects.count)
    const result = this.#end(work, { counts, bytesRead: bytes, watermark: null }, outcome, { key: shape.key, path, ...journalOf(outcome) })
    await this.#state.finish(result, sealed(this.#request.definition, rejects))
    return result
  }

  async #compareAndApply(work: OpenWork, watermark: string | null, whyNotDirect?: string): Promise<RunResult> {
    const { definition } = this.#request
    const stage = await work.openStage()
    const mode = definition.mode === 'replace' ? 'mirror' : definition.mode
    const { plan } = this.#request
    const compared = await compareEnds(work, stage, { mode, watermark })
    const found = plan ? await asPlanned(work, stage, compared, plan) : compared
    const held = plan ? undefined : await this.#withhold({ begun: this.#begun, work, stage, comparison: found, watermark })
    const comparison = held ? onlyInserts({ stage, comparison: found }) : found

    const rejects = SetAside.of(stage)
    let journal: JournalNote | undefined
    const result = (outcome: Outcome) => {
      const all = rejects.and(outcome.rejects)
      const counts = countRows(found.read, outcome.applied, unchangedRows(found), all.count)
      const parts = { counts, bytesRead: found.bytes, watermark: held ? watermark : nextWatermark(found, watermark, all) }
      const ended = this.#end(work, parts, outcome, {
        key: found.shape.key,
        path: whyNotDirect ?? found.path,
        notes: notesOf(comparison),
        ...(journal ? { journal } : {}),
      })
      return held ? asWithheld(ended, held) : ended
    }
    const toKeep = { run: this.#begun.id, work, stage, comparison, watermark }
    await using early = beginJournal(this.#services, toKeep)
    const beforeCommit: BeforeCommit = async (outcome, proof, session) => {
      const { schema, applied } = outcome
      journal = await keepJournal(this.#services, { ...toKeep, session, schema, applied }, early)
      await this.#beforeCommit(result)(outcome, proof, session)
    }
    if (work.target.traits.atomicity === 'none') await this.#state.update(this.#begunToStay)
    const applying = held ? { ...work, definition: provingChanges(definition) } : work
    const outcome = await applyComparison(applying, stage, comparison, beforeCommit, plan).catch((thrown) => {
      throw withRejects(thrown, rejects)
    })
    const ended = result(outcome)
    await this.#state.finish(ended, sealed(definition, rejects.and(outcome.rejects)))
    return ended
  }

  /**
   * What a run by itself does not do, and a person may, by applying a plan: that is kept.
   * @returns where the guard lets inserts go on, what says that the rest is withheld.
   */
  async #withhold(planned: Planned): Promise<WithheldError | undefined> {
    const { work, stage, comparison } = planned
    const { definition } = this.#request
    await refuseRejects(work, SetAside.of(stage), comparison.read)
    const passed = passedGuard(definition.guard, impactOf(definition, comparison))
    if (!passed) return undefined
    const goesOn = proceeds(definition, passed) && comparison.compared.inserts.count > 0
    const rest = goesOn ? withoutInserts(planned) : comparison
    const stopped = await this.#kept(new WithheldError(passed), { ...planned, comparison: rest })
    if (goesOn) return stopped
    throw stopped
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
