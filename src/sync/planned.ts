import { formatAmount } from '../core/count.ts'
import { toFailure } from '../core/errors.ts'
import { type Counts, noCounts, type PlanResult, type RejectCount, type RunResult } from '../core/run.ts'
import type { Stage } from '../stage/stage.ts'
import { type Comparison, unchangedRows } from './compare-ends.ts'
import { impactOf, passedGuard } from './guard.ts'
import { redactSamples } from './redact.ts'
import { notesOf, secondsSince } from './result.ts'
import type { Services } from './services.ts'
import { WithheldError } from './withheld.ts'
import type { OpenWork } from './work.ts'

/** A comparison, and the run that made it. */
export interface Planned {
  readonly begun: RunResult
  readonly work: OpenWork
  readonly stage: Stage
  readonly comparison: Comparison
  /** Where it began to read. */
  readonly watermark: string | null
}

export interface Shown {
  readonly command: 'plan' | 'verify' | 'diff'
  /** The most changes of each kind to show. */
  readonly samples: number
}

/** What a comparison says of a run. */
export async function plannedOf(services: Services, { begun, work, stage, comparison }: Planned, options: Shown): Promise<PlanResult> {
  const { definition } = work
  const counts = plannedCounts(comparison, stage.rejected)
  const result = plannedResult(services, begun, work, comparison, counts)
  const columns = comparison.shape.pairs.map((pair) => pair.to.name)
  const samples = redactSamples(definition.redact, columns, await comparison.compared.samples(options.samples))
  const passed = options.command === 'plan' ? passedGuard(definition.guard, impactOf(definition, comparison)) : undefined
  const rejects = await countRejects(stage)
  const planned = { ...result, columns, samples, rejects }
  if (!passed) return planned
  return { ...planned, status: 'withheld', error: toFailure(new WithheldError(passed)) }
}

function plannedCounts(comparison: Comparison, rejected: number): Counts {
  const { compared, read } = comparison
  return {
    ...noCounts,
    read,
    inserted: compared.inserts.count,
    updated: compared.updates.count,
    deleted: compared.deletes.count,
    unchanged: unchangedRows(comparison),
    rejected,
  }
}

function plannedResult(services: Services, begun: RunResult, work: OpenWork, comparison: Comparison, counts: Counts): RunResult {
  const { shape } = comparison
  const changes = counts.inserted + counts.updated + counts.deleted
  const differs =
    changes > 0 || counts.rejected > 0 || shape.schema.length > 0 || (begun.command === 'diff' && comparison.ownColumns.length > 0)
  return {
    ...begun,
    status: differs ? 'differs' : 'succeeded',
    counts,
    seconds: secondsSince(services, begun),
    bytesRead: comparison.bytes,
    watermark: comparison.watermark,
    details: {
      ...begun.details,
      key: shape.key,
      path: comparison.path,
      schema: shape.schema,
      notes: [...notRead(comparison), ...notesOf(comparison), ...leftInTarget(begun, comparison)],
      timings: work.timings(),
    },
  }
}

function notRead({ shape }: Comparison): readonly string[] {
  return shape.table.remembered ? ['the target is not read: the source was compared with what was sent there before'] : []
}

/** What an upsert is right to leave there, and a person who asks whether both sides agree wants to know of. */
function leftInTarget({ command, mode }: RunResult, comparison: Comparison): readonly string[] {
  const only = comparison.targetRows - unchangedRows(comparison) - comparison.compared.updates.count
  if (command !== 'verify' || mode !== 'upsert' || only <= 0) return []
  return [`${formatAmount(only, 'row')} only in the target, which an upsert leaves alone`]
}

/** By what is wrong with them, most first. */
async function countRejects(stage: Stage): Promise<readonly RejectCount[]> {
  const counts = new Map<string, RejectCount>()
  for await (const part of stage.rejects()) {
    for (const { reason, column, detail } of part) {
      const alike = JSON.stringify([reason, column, detail])
      const rows = (counts.get(alike)?.rows ?? 0) + 1
      counts.set(alike, { reason, ...(column === undefined ? {} : { column }), detail, rows })
    }
  }
  return [...counts.values()].sort((a, b) => b.rows - a.rows)
}
