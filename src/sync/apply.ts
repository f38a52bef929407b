import type { CommitProof, WriteSession } from '../connectors/connector.ts'
import type { Applied, Reject } from '../core/changes.ts'
import { RunError } from '../core/errors.ts'
import type { Stage } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import type { Work } from './ends.ts'
import { type VerifiedBy, verifyApplied } from './verify.ts'

/** What became of a change set. */
export interface Outcome {
  readonly applied: Applied
  /** Rows that others changed meanwhile and that do not agree with the source either. */
  readonly moved: readonly Reject[]
  readonly verified?: string
  readonly verifiedBy?: VerifiedBy
  readonly notes: readonly string[]
  /** DDL that was run. */
  readonly schema: readonly string[]
}

/** Is told how the run ends once the commit that follows at once has happened. */
export type BeforeCommit = (outcome: Outcome, proof: CommitProof | undefined) => Promise<void>

/** Applies what was found in one unit of work, verifies it there, and commits. Anything that throws leaves the target as it was. */
export async function applyComparison(work: Work, stage: Stage, comparison: Comparison, beforeCommit: BeforeCommit): Promise<Outcome> {
  const { compared, shape } = comparison
  const changes = compared.inserts.count + compared.updates.count + compared.deletes.count
  if (changes === 0 && shape.exists && shape.schema.length === 0) return nothingToDo(work)

  await using session = await beginWriting(work)
  work.progress('applying', { rows: 0, bytes: 0, total: changes })
  const schema = await session.ensureTable(shape.table)
  const applied = changes === 0 && shape.exists ? nothing : await write(session, work, stage, comparison)
  work.progress('verifying', { rows: changes, bytes: 0, total: changes })
  const verified = await verifyApplied(work, stage, comparison, applied, session)
  const outcome: Outcome = { applied: settled(applied, verified.moved), schema, ...verified }
  await commit(work, session, outcome, beforeCommit)
  return outcome
}

/** Notes what will prove the commit, then commits. */
export async function commit(work: Work, session: WriteSession, outcome: Outcome, beforeCommit: BeforeCommit): Promise<void> {
  work.signal.throwIfAborted()
  work.progress('committing', { rows: 0, bytes: 0 })
  const proof = await session.proof?.()
  await beforeCommit(outcome, proof)
  await session.commit()
}

export async function beginWriting({ target, definition }: Work): Promise<WriteSession> {
  if (target.writer) return await target.writer.begin()
  throw new RunError({ code: 'NOT_SUPPORTED', message: `${definition.to.connection.name} cannot be written` })
}

const nothing: Applied = { inserted: 0, updated: 0, deleted: 0, moved: [] }

function nothingToDo({ definition }: Work): Outcome {
  const verified = definition.verify === 'off' ? {} : ({ verified: 'both sides were read and agree', verifiedBy: 'rows' } as const)
  return { applied: nothing, moved: [], notes: [], schema: [], ...verified }
}

/** Row by row where the target can, otherwise the whole table as it shall be, or what is new at its end. */
async function write(session: WriteSession, work: Work, stage: Stage, comparison: Comparison): Promise<Applied> {
  const { compared, shape, target, whole } = comparison
  if (session.apply && work.target.writer?.appliesChanges) return await session.apply(shape.table, compared)
  if (work.definition.mode === 'append') await session.append(shape.table, compared.inserts)
  else await session.replace(shape.table, await stage.merged(whole ?? target, compared))
  return { inserted: compared.inserts.count, updated: compared.updates.count, deleted: compared.deletes.count, moved: [] }
}

/** Rows that others had brought in step already count as applied by nobody: only those that still differ are rejects. */
function settled(applied: Applied, moved: readonly Reject[]): Applied {
  return { ...applied, moved: applied.moved.slice(0, moved.length) }
}
