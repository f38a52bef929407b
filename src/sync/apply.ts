import type { CommitProof, WriteSession } from '../connectors/connector.ts'
import type { Applied, ChangeSet, Refused, Reject } from '../core/changes.ts'
import { formatAmount } from '../core/count.ts'
import { NotDirectError, ReadAgainError, RunError, toSynclineError } from '../core/errors.ts'
import type { JournalNote } from '../core/run.ts'
import type { Table } from '../core/table.ts'
import type { Compared, Stage } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import type { Work } from './ends.ts'
import { refusePartial, type SavedPlan } from './plans/saved-plan.ts'
import { refuseRejects, SetAside, type Unfinished, UnfinishedError } from './rejects.ts'
import { movedMeanwhile, readBack, type VerifiedBy, verifyApplied } from './verify.ts'

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
  const changes = compared.inserts.count + compared.updates.count + compared.deletes.count
  if (changes === 0 && shape.exists && shape.schema.length === 0) return nothingToDo(work, comparison)

  await using session = await beginWriting(work)
  work.progress('applying', { rows: 0, bytes: 0, total: changes })
  const schema = await session.ensureTable(shape.table)
  const applied = changes === 0 && shape.exists ? nothing : await write(session, work, stage, comparison)
  const refused = await stage.refused(compared, refusals(applied, session))
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

export async function beginWriting({ target, definition }: Work): Promise<WriteSession> {
  if (target.writer) return await target.writer.begin()
  throw new RunError({ code: 'NOT_SUPPORTED', message: `${definition.to.connection.name} cannot be written` })
}

const nothing: Applied = { inserted: 0, updated: 0, deleted: 0, moved: [] }

function nothingToDo({ definition }: Work, { shape }: Comparison): Outcome {
  const agreed = shape.table.remembered
    ? ({ verified: 'the source agrees with what was sent before', verifiedBy: 'counts' } as const)
    : ({ verified: 'both sides were read and agree', verifiedBy: 'rows' } as const)
  const verified = definition.verify === 'off' ? {} : agreed
  return { applied: nothing, rejects: [], notes: [], schema: [], ...verified }
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

/** Whether a target gets all rows anew: a replace of rows that no key tells apart, once both sides were compared. */
export function isReplacedWhole({ definition, target }: Pick<Work, 'definition' | 'target'>, { shape }: Comparison): boolean {
  return definition.mode === 'replace' && shape.key.length === 0 && (target.writer?.accepts.length ?? 0) > 0
}

/** @throws RunError (`MOVED`) where rows that were read are written again, and others changed some meanwhile. */
export async function replaceWhole(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<Applied> {
  const { shape, source, compared, targetRows, rewritten } = comparison
  const look = rewritten ? async () => await refuseChangedRows(session, work, stage, comparison) : undefined
  const { former } = await replacing(shape.table, async () => await session.replace(shape.table, stage.rows(source), undefined, look))
  if (rewritten && former !== targetRows)
    throw moved(comparison, `held ${former} rows when it was written, and ${targetRows} when it was read`)
  return { inserted: compared.inserts.count, updated: 0, deleted: compared.deletes.count, moved: [] }
}

/** As many rows there may be as before, and others among them. */
async function refuseChangedRows(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<void> {
  const { shape, source, target } = comparison
  await using view = await session.snapshot?.()
  if (!view || !shape.exists) return
  const now = await readBack(work, stage, shape, source, view)
  const { inserts } = await stage.compare(now, target, { key: [], mode: 'append' })
  if (inserts.count > 0)
    throw moved(
      comparison,
      `holds ${formatAmount(inserts.count, 'row')} that ${inserts.count === 1 ? 'was' : 'were'} not there when it was read`,
    )
}

function moved({ shape }: Comparison, what: string): RunError {
  return new RunError({
    code: 'MOVED',
    message: `\`${shape.table.ref.name}\` ${what}; nothing was changed`,
    hint: 'others write to it: try again',
  })
}

/**
 * Replaces rows that no key tells apart, so that none that is refused can be left out.
 * @throws RunError (`ROW_REFUSED`) where one is.
 */
export async function replacing<Result>({ ref }: Table, replace: () => Promise<Result>): Promise<Result> {
  try {
    return await replace()
  } catch (thrown) {
    if (!(thrown instanceof NotDirectError) || thrown instanceof ReadAgainError) throw thrown
    throw new RunError({
      code: 'ROW_REFUSED',
      message: `\`${ref.name}\` is replaced as a whole, since no key tells its rows apart, and refused one: ${thrown.message}; nothing was changed`,
      hint: 'name a `key`: refused rows are rejects then, and the others arrive; or mend the row at its source',
    })
  }
}
