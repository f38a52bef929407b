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

/**
 * The limit that a run would pass, in words, or `undefined` where it may go on. One configured limit acts alone: the
 * defaults of rule 20 hold only where nothing is configured.
 */
export function passedGuard(guard: Guard | undefined, impact: Impact): string | undefined {
  if (impact.source === 0 && impact.target > 0 && (guard?.empty ?? 'withhold') === 'withhold' && impact.deletes > 0) {
    return `the source is empty and the target holds ${formatAmount(impact.target, 'row')}`
  }
  if (impact.cascades.length > 0 && impact.deletes > 0 && guard?.cascades !== 'allow') {
    return `${formatAmount(impact.deletes, 'delete')} would take rows of other tables along, by ${impact.cascades.join(', ')}; \`guard: { cascades: allow }\` lets them`
  }
  if (!guard) return passedDefaults(impact)
  return (
    passed('deleted', impact.deletes, impact.target, guard.deletes) ??
    passed('updated', impact.updates, impact.target, guard.updates) ??
    passed('inserted', impact.inserts, impact.target, guard.inserts)
  )
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
