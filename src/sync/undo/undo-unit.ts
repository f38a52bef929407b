import { randomBytes } from 'node:crypto'
import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import type { RunResult } from '../../core/run.ts'
import { lockSync } from '../../state/lock.ts'
import type { State } from '../../state/state.ts'
import { Faults } from '../family/faults.ts'
import { openFamilyEnds } from '../family/open-family.ts'
import { sealedOf } from '../family/part.ts'
import { recoverFamily } from '../family/recover-family.ts'
import { together } from '../family/results.ts'
import { clearJournals } from '../journal/clear.ts'
import { SetAside } from '../rejects.ts'
import { failedResult, startResult } from '../result.ts'
import type { RunRequest, Services } from '../services.ts'
import { backwards, journal } from './open-target.ts'
import { refuseUndone } from './refuse.ts'
import { type Returning, returnTogether } from './return-together.ts'

export interface UndoUnitRequest extends RunRequest {
  /** The sync that stands for many tables, and those tables as it now has them. */
  readonly tables: readonly SyncDefinition[]
  /** `RunDetails.unit` of the runs that are taken back. */
  readonly unit: string
}

/**
 * Takes back what one commit did to many tables, in one unit of work, in the order that foreign keys ask for: all of them or
 * none. A result for each table that had changed.
 */
export async function undoUnit(services: Services, request: UndoUnitRequest): Promise<readonly RunResult[]> {
  const begun = startResult(services, request, 'undo')
  const results = await attempt(services, request).catch(async (thrown) => {
    const result = await failedResult(services, request, begun, thrown)
    request.emit({ type: 'started', sync: begun.sync, run: begun.id })
    return [result]
  })
  for (const result of results) request.emit({ type: 'finished', sync: result.sync, run: result.id, result })
  return results
}

async function attempt(services: Services, request: UndoUnitRequest): Promise<readonly RunResult[]> {
  const { definition, tables, unit } = request
  using locks = new DisposableStack()
  locks.use(lockSync(services.lockDirectory, definition.name))
  for (const table of tables) locks.use(lockSync(services.lockDirectory, table.name))
  const state = await services.state()
  await using open = await openFamilyEnds(services, request, async () => journal)
  await recoverFamily(state, definition.name, open.target)
  const runs = (await state.runsOfUnit(unit)).filter(({ counts }) => counts.inserted + counts.updated + counts.deleted > 0)
  const asked = runs.map((run) => ({ run, table: tableOf(run, tables) }))
  for (const { run, table } of asked) {
    await clearJournals(services, state, table)
    await refuseUndone(services, run)
  }
  const parts: Returning[] = []
  for (const { run, table } of asked) {
    const own = { ...request, id: randomBytes(6).toString('hex'), definition: table }
    const started = startResult(services, own, 'undo')
    const begun = { ...started, details: { ...started.details, undoes: run.id } }
    request.emit({ type: 'started', sync: begun.sync, run: begun.id })
    await state.begin(begun)
    const work = open.workOf({ ...own, definition: backwards(table, run.details.key) })
    parts.push({ request: own, begun, work, watermark: null, run })
  }
  return await takeBackTogether(services, state, definition.name, parts)
}

async function takeBackTogether(
  services: Services,
  state: State,
  family: string,
  parts: readonly Returning[],
): Promise<readonly RunResult[]> {
  try {
    const ended = await returnTogether(services, state, parts)
    for (const { result, rejects } of ended) await state.finish(result, sealedOf(parts, result, SetAside.rows(rejects)))
    return ended.map(({ result }) => result)
  } catch (thrown) {
    const faults = thrown instanceof Faults ? thrown.byTable : new Map<string, unknown>()
    const ended = await together(services, family, parts, faults, thrown instanceof Faults ? undefined : thrown)
    for (const { result } of ended) await state.finish(result)
    for (const { request } of parts) await clearJournals(services, state, request.definition)
    return ended.map(({ result }) => result)
  }
}

function tableOf({ sync }: RunResult, tables: readonly SyncDefinition[]): SyncDefinition {
  const table = tables.find(({ name }) => name === sync)
  if (table) return table
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: `\`${sync}\`, which changed together with others, is not among the tables of its sync any more`,
    hint: 'put it back: they are taken back together or not at all',
  })
}
