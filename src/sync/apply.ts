import type { CommitProof, WriteSession } from '../connectors/connector.ts'
import type { Applied, ChangeSet, Refused, Reject } from '../core/changes.ts'
import { toSynclineError } from '../core/errors.ts'
import type { JournalNote } from '../core/run.ts'
import type { Compared, Stage } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import { beginWriting, type Work } from './ends.ts'
import { refusePartial, type SavedPlan } from './plans/saved-plan.ts'
import { refuseRejects, SetAside, type Unfinished, UnfinishedError } from './rejects.ts'
import { isReplacedWhole, leaveOutRefused, replaceWhole } from './replace-whole.ts'
import { movedMeanwhile, type VerifiedBy, verifyApplied } from './verify.ts'

/** What became of a change set. */
export interface Outcome {
  readonly applied: Applied
  /** Rows that the target refused, and those that others changed meanwhile and that do not agree with the source either. */
  readonly rejects: readonly Reject[]
  readonly verified?: string
  readonly verifiedBy?: VerifiedBy
  readonly notes: readonly string[]
  /** DDL that was run. */
  readonly schema: readonly string[]
  /** Of a load: what is kept of it, and by which key its rows are known. */
  readonly journal?: JournalNote
  readonly key?: readonly string[]
}

/** Is told how the run ends once the commit that follows at once has happened. */
export type BeforeCommit = (outcome: Outcome, proof: CommitProof | undefined, session: WriteSession) => Promise<void>

/**
 * Applies what was found in one unit of work, verifies it there, and commits. Anything that throws leaves the target as it was.
 * @param plan a plan that these changes are: all of them are applied, or none.
 * @throws UnfinishedError in place of any other error, once changes were sent to a target that cannot take them back.
 */
export async function applyComparison(
  work: Work,
  stage: Stage,
  comparison: Comparison,
  beforeCommit: BeforeCommit,
  plan?: SavedPlan,
): Promise<Outcome> {
  const { compared, shape } = comparison
  if (countOf(compared) === 0 && shape.exists && shape.schema.length === 0) return nothingToDo(work, comparison)

  try {
    return await applyOnce(work, stage, comparison, { beforeCommit, plan })
  } catch (thrown) {
    const left = plan ? undefined : await leaveOutRefused(work, stage, comparison, thrown)
    if (!left) throw thrown
    return await applyOnce(work, stage, left.comparison, { beforeCommit, rejects: left.rejects })
  }
}

interface Applying {
  readonly beforeCommit: BeforeCommit
  readonly plan?: SavedPlan | undefined
  /** Rows that the target refused before. */
  readonly rejects?: readonly Reject[]
}

async function applyOnce(
  work: Work,
  stage: Stage,
  comparison: Comparison,
  { beforeCommit, plan, rejects = [] }: Applying,
): Promise<Outcome> {
  const { compared, shape } = comparison
  const changes = countOf(compared)
  await refuseRejects(work, SetAside.rows(rejects), comparison.read, stage.rejected)
  await using session = await beginWriting(work)
  work.progress('applying', { rows: 0, bytes: 0, total: changes })
  const schema = await session.ensureTable(shape.table)
  const applied = changes === 0 && shape.exists ? nothing : await write(session, work, stage, comparison)
  await recall(session, stage, comparison, applied)
  const refused = [...rejects, ...(await stage.refused(compared, refusals(applied, session)))]
  const aside = SetAside.rows(refused)
  return await tellingWhatStays(work, { applied, rejects: aside }, async () => {
    if (applied.stopped) throw applied.stopped
    if (plan) refusePartial(plan, applied.moved.length, refused)
    await refuseRejects(work, aside, comparison.read, stage.rejected)
    work.progress('verifying', { rows: changes, bytes: 0, total: changes })
    const { moved, ...checked } = await verifyApplied(work, stage, comparison, applied, session)
    const notes = [...(applied.notes ?? []), ...checked.notes]
    const outcome: Outcome = { applied, rejects: [...refused, ...moved], schema, ...checked, notes }
    await commit(work, session, outcome, beforeCommit)
    return outcome
  })
}

/** Rows that an undo brought back get the very cells that they had, where the target kept these. */
async function recall(session: WriteSession, stage: Stage, comparison: Comparison, { refused = [], moved }: Applied): Promise<void> {
  const { kept, compared, shape } = comparison
  if (!kept || !session.recall) return
  const left = await stage.without(compared, [...refused, ...moved.map((row) => ({ ...row, reason: 'moved' as const, detail: '' }))])
  await session.recall(shape.table, kept, shape.key, stage.only(left, ['insert', 'update']).touched(5_000))
}

/** Rows that were left alone; where nothing can be read back, those that had moved are among them. */
function refusals({ refused = [], moved }: Applied, session: WriteSession): readonly Refused[] {
  if (session.snapshot) return refused
  return [...refused, ...moved.map((row) => ({ ...row, reason: 'moved' as const, detail: movedMeanwhile }))]
}

async function tellingWhatStays<Result>({ target }: Work, done: Unfinished, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action()
  } catch (thrown) {
    throw target.traits.atomicity === 'none' ? new UnfinishedError(toSynclineError(thrown), done) : thrown
  }
}

/** Notes what will prove the commit, then commits. */
export async function commit(work: Work, session: WriteSession, outcome: Outcome, beforeCommit: BeforeCommit): Promise<void> {
  work.signal.throwIfAborted()
  work.progress('committing', { rows: 0, bytes: 0 })
  const proof = await session.proof?.()
  await beforeCommit(outcome, proof, session)
  await session.commit()
}

const nothing: Applied = { inserted: 0, updated: 0, deleted: 0, moved: [] }

function nothingToDo({ definition }: Work, { shape }: Comparison): Outcome {
  const agreed = shape.table.remembered
    ? ({ verified: 'the source agrees with what was sent before', verifiedBy: 'counts' } as const)
    : ({ verified: 'both sides were read and agree', verifiedBy: 'rows' } as const)
  const verified = definition.verify === 'off' ? {} : agreed
  return { applied: nothing, rejects: [], notes: [], schema: [], ...verified }
}

function countOf({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}

function changesOf({ definition }: Work, { key, inserts, updates, deletes }: Compared): ChangeSet {
  return { key, inserts, updates, deletes, stopsAtRefusal: definition.onReject === 'stop' }
}

/** Row by row where the target can, otherwise the whole table as it shall be, or what is new at its end. */
async function write(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<Applied> {
  const { compared, shape, target, whole } = comparison
  if (isReplacedWhole(work, comparison)) return await replaceWhole(session, work, stage, comparison)
  if (session.apply && work.target.writer?.appliesChanges) return await session.apply(shape.table, changesOf(work, compared))
  if (work.definition.mode === 'append') await session.append(shape.table, compared.inserts)
  else await session.replace(shape.table, await stage.merged(whole ?? target, compared))
  return { inserted: compared.inserts.count, updated: compared.updates.count, deleted: compared.deletes.count, moved: [] }
}
