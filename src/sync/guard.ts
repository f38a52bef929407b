import { formatAmount, formatCount } from '../core/count.ts'
import type { Guard, Limit, SyncDefinition } from '../core/definition.ts'
import type { Comparison } from './compare-ends.ts'

/** What a run would do, and to how much. */
export interface Impact {
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  /** Rows that the target, or its scope, holds before. */
  readonly target: number
  /** Rows that the source gave. */
  readonly source: number
  /** Foreign keys of other tables whose rows a delete takes along. */
  readonly cascades: readonly string[]
}

/** What a comparison would do. */
export function impactOf({ mode }: SyncDefinition, { compared, targetRows, read, agreeing, source, shape }: Comparison): Impact {
  const cascades = shape.table.dependents?.cascades ?? []
  const { inserts, updates, deletes } = compared
  if (mode === 'replace' && cascades.length === 0)
    return replaceImpact({ source: read, loaded: source.rows + agreeing, former: targetRows })
  return { inserts: inserts.count, updates: updates.count, deletes: deletes.count, target: targetRows, source: read, cascades }
}

/** What a replace does: every row is written, so that only how many there are is guarded. */
export function replaceImpact(rows: { readonly source: number; readonly loaded: number; readonly former: number }): Impact {
  const { source, loaded, former } = rows
  return { inserts: Math.max(0, loaded - former), updates: 0, deletes: Math.max(0, former - loaded), target: former, source, cascades: [] }
}

/** What a run would do that it must not do by itself. */
export interface Passed {
  /** In words for people. */
  readonly reason: string
  /** Whether the guard lets inserts go on where the rest is withheld, and they pass its limits themselves. */
  readonly insertsProceed: boolean
}

/**
 * The limit that a run would pass, or `undefined` where it may go on. One configured limit acts alone: the defaults of rule 20
 * hold only where there is none.
 */
export function passedGuard(guard: Guard | 'off' | undefined, impact: Impact): Passed | undefined {
  if (guard === 'off') return undefined
  const { inserts, ...others } = guard ?? {}
  const ofInserts = passed('inserted', impact.inserts, impact.target, inserts)
  const reason = passedByEmptiness(others, impact) ?? passedByCascades(others, impact) ?? passedLimits(guard, impact) ?? ofInserts
  if (reason === undefined) return undefined
  return { reason, insertsProceed: guard?.proceed === 'inserts' && ofInserts === undefined }
}

/** Whether deletes may take rows of other tables along without a person's approval. */
export function allowsCascades(guard: Guard | 'off' | undefined): boolean {
  return guard === 'off' || guard?.cascades === 'allow'
}

function passedByCascades(guard: Guard, { deletes, cascades }: Impact): string | undefined {
  if (cascades.length === 0 || deletes === 0 || allowsCascades(guard)) return undefined
  return `${formatAmount(deletes, 'delete')} would take rows of other tables along, by ${cascades.join(', ')}; \`guard: { cascades: allow }\` lets them`
}

function passedByEmptiness({ empty }: Guard, impact: Impact): string | undefined {
  if (!isEmptied(impact) || empty === 'allow') return undefined
  return `the source is empty and the target holds ${formatAmount(impact.target, 'row')}`
}

function isEmptied({ source, target, deletes }: Impact): boolean {
  return source === 0 && target > 0 && deletes > 0
}

function passedLimits(guard: Guard | undefined, impact: Impact): string | undefined {
  const { updates, deletes, target } = impact
  if (guard?.inserts || guard?.updates || guard?.deletes)
    return passed('deleted', deletes, target, guard.deletes) ?? passed('updated', updates, target, guard.updates)
  // Whoever lets an empty source pass has said that everything may go.
  return isEmptied(impact) ? undefined : passedDefaults(impact)
}

function passedDefaults({ deletes, updates, target }: Impact): string | undefined {
  return (
    passed('deleted', deletes, target, { share: 0.1, rows: 100 }) ??
    (target >= 10 ? passed('deleted', deletes, target, { share: 0.5 }) : undefined) ??
    passed('updated', updates, target, { share: 0.5, rows: 1000 })
  )
}

/** A limit of rows and a share is passed when both are. */
function passed(verb: string, rows: number, target: number, limit: Limit | undefined): string | undefined {
  if (!limit || rows === 0) return undefined
  const share = target === 0 ? 1 : rows / target
  const overRows = limit.rows === undefined || rows > limit.rows
  const overShare = limit.share === undefined || share > limit.share
  if (!overRows || !overShare) return undefined
  return `${formatAmount(rows, 'row')} of ${formatCount(target)} would be ${verb} (${percent(share)}, the guard is ${limitText(limit)})`
}

function limitText({ rows, share }: Limit): string {
  const parts = [share === undefined ? undefined : percent(share), rows === undefined ? undefined : formatAmount(rows, 'row')]
  return parts.filter((part) => part !== undefined).join(' and ')
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))}%`
}
