import type { PlanResult, RunResult } from '../core/run.ts'
import { compareEnds } from './compare-ends.ts'
import { courseOf } from './cursor.ts'
import { plannedOf } from './planned.ts'
import { savePlan } from './plans/save.ts'
import { failedResult, startResult } from './result.ts'
import type { RunRequest, Services } from './services.ts'
import { openWork } from './work.ts'

export interface PlanOptions {
  readonly command: 'plan' | 'verify' | 'diff'
  /** The most changes of each kind to show. */
  readonly samples: number
  /** A file of plans that this one is added to. */
  readonly save?: string
}

/**
 * Computes what a run would change and changes nothing. `verify` and `diff` compare everything, whatever the watermark, and
 * know no guard.
 */
export async function planSync(services: Services, request: RunRequest, options: PlanOptions): Promise<PlanResult> {
  const begun = startResult(services, request, options.command)
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  const result = await plan(services, request, begun, options).catch(async (error) => {
    return { ...(await failedResult(services, request, begun, error)), columns: [], samples: [] }
  })
  request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return result
}

async function plan(services: Services, request: RunRequest, begun: RunResult, options: PlanOptions): Promise<PlanResult> {
  const { definition } = request
  const incremental = options.command === 'plan' && definition.from.cursor !== undefined
  const watermark = incremental ? await (await services.state()).watermark(definition.name, courseOf(definition)) : null
  await using work = await openWork(services, request)
  const stage = await work.openStage()
  const comparison = await compareEnds(work, stage, { mode: definition.mode === 'replace' ? 'mirror' : definition.mode, watermark })
  const found = { begun, work, stage, comparison, watermark }
  const planned = await plannedOf(services, found, options)
  if (options.save !== undefined) await savePlan(found, planned, options.save)
  return planned
}
