import { randomBytes } from 'node:crypto'
import type { SyncDefinition } from '../../core/definition.ts'
import type { PlanResult } from '../../core/run.ts'
import { courseOf } from '../cursor.ts'
import type { PlanOptions } from '../plan-sync.ts'
import { plannedOf } from '../planned.ts'
import { savePlan } from '../plans/save.ts'
import { failedResult, startResult } from '../result.ts'
import type { RunRequest, Services } from '../services.ts'
import { expandFamily } from './expand.ts'
import { Faults } from './faults.ts'
import { type OpenFamily, openFamily } from './open-family.ts'
import type { Part, Ready } from './part.ts'
import { together } from './results.ts'
import { readTogether } from './run-together.ts'

/** Computes what a run of many tables would change, a result each, and changes nothing. */
export async function planFamily(services: Services, request: RunRequest, options: PlanOptions): Promise<readonly PlanResult[]> {
  const results = await plan(services, request, options).catch(async (thrown) => {
    const begun = startResult(services, request, options.command)
    request.emit({ type: 'started', sync: begun.sync, run: begun.id })
    return [{ ...(await failedResult(services, request, begun, thrown)), columns: [], samples: [] }]
  })
  for (const result of results) request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return results
}

/** The sync of each table of a family, as it is now. */
export async function tablesOf(services: Services, request: Pick<RunRequest, 'definition' | 'signal'>): Promise<readonly SyncDefinition[]> {
  await using open = await openFamily(services, request)
  return await expandFamily(request.definition, open.source, open.target)
}

async function plan(services: Services, request: RunRequest, options: PlanOptions): Promise<readonly PlanResult[]> {
  await using open = await openFamily(services, request)
  const tables = await expandFamily(request.definition, open.source, open.target)
  const parts: Part[] = []
  for (const definition of tables)
    parts.push(await begin(services, open, { ...request, id: randomBytes(6).toString('hex'), definition }, options))
  try {
    const { ready } = await readTogether(open, request, parts, 'plan')
    const results: PlanResult[] = []
    for (const part of ready) results.push(await planned(services, part, options))
    return results
  } catch (thrown) {
    if (!(thrown instanceof Faults)) throw thrown
    const ended = await together(services, request.definition.name, parts, thrown.byTable)
    return ended.map(({ result }) => ({ ...result, columns: [], samples: [] }))
  }
}

async function begin(services: Services, open: OpenFamily, request: RunRequest, { command }: PlanOptions): Promise<Part> {
  const { definition } = request
  const begun = startResult(services, request, command)
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  const incremental = command === 'plan' && definition.from.cursor !== undefined
  const watermark = incremental ? await (await services.state()).watermark(definition.name, courseOf(definition)) : null
  return { request, begun, work: open.workOf(request), watermark }
}

async function planned(services: Services, part: Ready, options: PlanOptions): Promise<PlanResult> {
  const { comparison } = part
  if (!comparison) throw new Error('a plan compares every table')
  const found = { ...part, comparison }
  const result = await plannedOf(services, found, options)
  if (options.save !== undefined) await savePlan(found, result, options.save)
  return result
}
