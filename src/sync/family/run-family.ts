import { randomBytes } from 'node:crypto'
import type { SyncDefinition } from '../../core/definition.ts'
import type { RunResult } from '../../core/run.ts'
import { lockSync } from '../../state/lock.ts'
import type { State } from '../../state/state.ts'
import { courseOf } from '../cursor.ts'
import { clearJournals } from '../journal/clear.ts'
import { clearPlans } from '../plans/clear.ts'
import { stale } from '../plans/saved-plan.ts'
import { failedResult, startResult } from '../result.ts'
import { refuseAfterFailure, walkSync } from '../run-sync.ts'
import type { RunRequest, Services } from '../services.ts'
import { expandFamily } from './expand.ts'
import { type OpenFamily, openFamily } from './open-family.ts'
import { edgesOf, orderTables } from './order.ts'
import { type Part, sideBySide } from './part.ts'
import { recoverFamily } from './recover-family.ts'
import { runTogether } from './run-together.ts'

/**
 * Many tables at once, a result each: read from one view of the source, and written in one unit of work where the target has
 * such, all of them or none. Where nothing can be said of single tables, one result says why for the whole.
 * @param before results of the syncs that ran before this one.
 */
export async function runFamily(services: Services, request: RunRequest, before: readonly RunResult[]): Promise<readonly RunResult[]> {
  const begun = startResult(services, request, commandOf(request))
  try {
    refuseAfterFailure(request, before)
    using locks = new DisposableStack()
    locks.use(lockSync(services.lockDirectory, request.definition.name))
    const state = await services.state()
    const results = await runTables(services, state, request, locks).catch(async (thrown) => {
      const result = await failedAsOne(services, request, begun, thrown)
      await state.finish(result)
      return [result]
    })
    return results
  } catch (thrown) {
    return [await failedAsOne(services, request, begun, thrown)]
  }
}

async function runTables(services: Services, state: State, request: RunRequest, locks: DisposableStack): Promise<readonly RunResult[]> {
  const { definition } = request
  await using open = await openFamily(services, request)
  await recoverFamily(state, definition.name, open.target)
  const tables = asked(request, await expandFamily(definition, open.source, open.target))
  for (const table of tables) locks.use(lockSync(services.lockDirectory, table.name))
  const parts: Part[] = []
  for (const table of tables) parts.push(await begin(services, state, open, memberRequest(request, table)))
  const results = isOneUnit(open)
    ? await runTogether(services, state, open, request, parts)
    : await runApart(services, state, open, request, parts)
  await clearPlans(services, state, definition, results)
  for (const result of results) request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return results
}

function commandOf({ plan, plans }: RunRequest): 'apply' | 'run' {
  return plan || plans ? 'apply' : 'run'
}

/** All tables, or those that plans are about. @throws RunError (`PLAN_STALE`) where one of these is gone. */
function asked({ plans }: RunRequest, tables: readonly SyncDefinition[]): readonly SyncDefinition[] {
  if (!plans) return tables
  return plans.map((plan) => {
    const table = tables.find(({ name }) => name === plan.result.sync)
    if (table) return table
    throw stale(plan, 'its table is not there any more')
  })
}

function memberRequest({ plans, ...request }: RunRequest, definition: SyncDefinition): RunRequest {
  const plan = plans?.find(({ result }) => result.sync === definition.name)
  return { ...request, id: randomBytes(6).toString('hex'), definition, ...(plan ? { plan } : {}) }
}

async function failedAsOne(services: Services, request: RunRequest, begun: RunResult, thrown: unknown): Promise<RunResult> {
  const result = await failedResult(services, request, begun, thrown)
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return result
}

async function begin(services: Services, state: State, open: OpenFamily, request: RunRequest): Promise<Part> {
  const { definition } = request
  const begun = startResult(services, request, commandOf(request))
  request.emit({ type: 'started', sync: begun.sync, run: begun.id })
  await clearJournals(services, state, definition)
  await state.begin(begun)
  return { request, begun, work: open.workOf(request), watermark: await watermarkOf(state, definition) }
}

async function watermarkOf(state: State, definition: SyncDefinition): Promise<string | null> {
  return definition.from.cursor === undefined ? null : await state.watermark(definition.name, courseOf(definition))
}

/** Whether others see all tables change at the same moment. */
function isOneUnit({ target }: OpenFamily): boolean {
  return target.traits.atomicity === 'session' && target.writer?.appliesChanges === true
}

/** Each table commits for itself, those that others refer to first. */
async function runApart(
  services: Services,
  state: State,
  open: OpenFamily,
  { definition, signal }: RunRequest,
  parts: readonly Part[],
): Promise<readonly RunResult[]> {
  const nodes = await Promise.all(
    parts.map(async ({ request }) => ({
      name: request.definition.name,
      target: await open.target.describe({ name: request.definition.to.object }),
    })),
  )
  const { tables } = orderTables(nodes, edgesOf(nodes))
  const ordered = tables.flatMap((name) => parts.find(({ request }) => request.definition.name === name) ?? [])
  const results = new Map<Part, RunResult>()
  const most = open.target.traits.readsDuringWrite ? (definition.family?.parallel ?? 1) : 1
  await sideBySide(ordered, most, async (part) => {
    const begun = { ...part.begun, details: { ...part.begun.details, notes: [apart] } }
    results.set(
      part,
      signal.aborted
        ? await failedResult(services, part.request, begun, signal.reason)
        : await walkSync(services, state, part.request, begun, async () => part.work),
    )
  })
  return ordered.flatMap((part) => results.get(part) ?? [])
}

const apart = 'this table was committed for itself: the target cannot change all tables at the same moment'
