import { createHash } from 'node:crypto'
import type { Reject } from '../../core/changes.ts'
import { formatAmount } from '../../core/count.ts'
import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError, RunError } from '../../core/errors.ts'
import { splitMember } from '../../core/family.ts'
import type { PlanResult } from '../../core/run.ts'
import { shellWord } from '../../core/shell.ts'
import type { StillSame } from '../../stage/stage.ts'
import type { Comparison } from '../compare-ends.ts'
import { targetRef, type Work } from '../ends.ts'
import { type Hidden, hiddenIn } from '../redact.ts'

/** What a file of plans says of one of them, beside its changes. */
export interface SavedPlan {
  readonly version: 1
  /** The plan as it was shown, without its changes. */
  readonly result: Omit<PlanResult, 'samples'>
  /** Names what the sync is from where to where, and how. */
  readonly definition: string
  readonly watermark: { readonly before: string | null; readonly after: string | null }
  /** Columns that are written, and columns of the target that were read. */
  readonly columns: { readonly written: readonly string[]; readonly read: readonly string[] }
  /** The columns of the images that each change has, in their order. */
  readonly images: { readonly after: readonly string[]; readonly before: readonly string[] }
  /** The redacted columns, of whose cells the changes hold digests. */
  readonly hidden?: Hidden
  /** Rows of a target to which rows without a key are added: their number alone tells whether it is as it was. */
  readonly targetRows?: number
}

/** One plan of a file, to be applied. */
export interface PlanToApply extends SavedPlan {
  readonly file: string
  readonly number: number
}

/** Everything of a definition that decides which rows change, and how. */
export function definitionDigest({ from, to, mode, key, scope }: SyncDefinition): string {
  const { connection, ...source } = from
  const parts = [connection.name, connection.type, source, to.connection.name, to.connection.type, to.object, to.options, mode, key, scope]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

export function planColumns({ shape, compared, target }: Comparison): SavedPlan['columns'] {
  return {
    written: shape.table.columns.map(({ name }) => name),
    read: compared.key.length === 0 ? [] : target.columns.map(({ name }) => name),
  }
}

/** Rows of the target where nothing but their number tells whether rows were added; `undefined` where the comparison tells. */
export async function rowsAddedTo(work: Work, { shape, compared }: Comparison): Promise<number | undefined> {
  if (work.definition.mode !== 'append' || compared.key.length > 0) return undefined
  if (!shape.exists || !work.target.reader) return 0
  await using view = await work.target.reader.snapshot()
  return await view.count({ source: { table: targetRef(work.definition) } })
}

/** @throws ConfigError where the file is no plan, or one of another version of Syncline. */
export function parsePlan(about: string, file: string): SavedPlan {
  const plan = JSON.parse(about) as SavedPlan
  if (plan.version === 1) return plan
  throw new ConfigError({
    code: 'BAD_PLAN',
    message: `${file} is a plan of version ${String(plan.version)}; this Syncline reads version 1`,
    hint: 'plan again with this version: syncline plan --save FILE',
  })
}

/** @throws RunError (`PLAN_STALE`) where the config, or what another run did since, makes of the plan another one. */
export function refuseChanged(plan: SavedPlan, definition: SyncDefinition, watermark: string | null): void {
  if (plan.definition !== definitionDigest(definition))
    throw stale(plan, 'the config says something else of this sync than when the plan was made')
  if (plan.watermark.before !== watermark) throw stale(plan, 'another run of this sync has moved its watermark since')
}

/** @throws RunError (`PLAN_STALE`) where other columns are redacted now, or by another key. */
export function refuseOtherRedaction(plan: SavedPlan, definition: SyncDefinition): void {
  const { hidden } = plan
  const now = hiddenIn(definition)
  if (JSON.stringify([hidden?.columns, hidden?.key]) === JSON.stringify([now?.columns, now?.key])) return
  throw stale(plan, hidden?.key === now?.key ? 'other columns are redacted now' : 'the key of its redacted columns is another one now')
}

/** @throws RunError (`PLAN_STALE`) where a column came or went. */
export function refuseOtherColumns(plan: SavedPlan, comparison: Comparison): void {
  if (JSON.stringify(planColumns(comparison)) !== JSON.stringify(plan.columns)) throw stale(plan, 'columns came or went since')
}

/** @throws RunError (`PLAN_STALE`) saying which side moved. */
export function refuseMoved(plan: SavedPlan, moved: StillSame['moved']): void {
  if (!moved) return
  const parts = [
    ...(moved.target > 0 ? [`${moved.target} of its rows changed in the target`] : []),
    ...(moved.source > 0 ? [`${moved.source} of its rows changed in the source`] : []),
    ...(moved.settled > 0 ? [`${moved.settled} of its rows agree by now`] : []),
  ]
  throw stale(plan, parts.length === 0 ? 'its rows are others now' : parts.join(', '))
}

/** @throws RunError (`PLAN_STALE`) where some of its rows were left alone as it was applied: all of a plan is applied, or nothing. */
export function refusePartial(plan: SavedPlan, moved: number, refused: readonly Pick<Reject, 'detail'>[]): void {
  if (moved > 0) throw stale(plan, `others changed ${formatAmount(moved, 'row')} of the target as it was applied`)
  if (refused.length > 0) throw stale(plan, `the target refused ${formatAmount(refused.length, 'row')}: ${refused[0]?.detail}`)
}

export function stale({ result: { sync, startedAt } }: SavedPlan, what: string): RunError {
  const { family } = splitMember(sync) ?? { family: sync }
  return new RunError({
    code: 'PLAN_STALE',
    message: `\`${sync}\`: the plan of ${startedAt} no longer holds: ${what}; nothing was changed`,
    hint: `look again: syncline plan ${shellWord(family)} --save FILE`,
  })
}
