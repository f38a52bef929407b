import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalDefaults, type SyncDefinition } from '../../core/definition.ts'
import { toSynclineError } from '../../core/errors.ts'
import { belongsTo } from '../../core/family.ts'
import type { RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import type { Services } from '../services.ts'

interface Kept {
  readonly path: string
  readonly run: RunResult
}

/**
 * Removes the plans of a sync's withheld runs that are of no more use: those that a later run of it has overtaken, and those
 * that are older, or together take more room, than `journal` allows its images. Without `journal` its defaults hold. How the run
 * ended does not depend on it: a file that cannot be removed stays, and the next run tries again.
 * @param ended the runs that have just ended. Their own plans, which people are told of now, stay until another one has: the clock
 * may have been set back meanwhile, or one of them may be larger than what there is room for.
 */
export async function clearPlans(services: Services, state: State, definition: SyncDefinition, ended: readonly RunResult[]): Promise<void> {
  try {
    await removePlans(services, state, definition, ended)
  } catch (error) {
    services.logger.warn(`${definition.name}: plans that are not needed any more stay: ${toSynclineError(error).message}`)
  }
}

async function removePlans(
  services: Services,
  state: State,
  { name, journal }: SyncDefinition,
  ended: readonly RunResult[],
): Promise<void> {
  const told = ended.flatMap(({ details }) => details.plan ?? [])
  const kept = await plansOf(services, state, name)
  if (kept.length === 0) return
  const { keepSeconds, bytes } = journal === 'off' || journal === undefined ? journalDefaults : journal
  const oldest = services.clock.now().getTime() - keepSeconds * 1000
  let room = bytes
  for (const { path, run } of kept.toSorted((a, b) => b.run.startedAt.localeCompare(a.run.startedAt))) {
    room -= (await stat(path)).size
    if (told.includes(path)) continue
    const isOld = Date.parse(run.startedAt) < oldest || room < 0
    if (isOld || run.status !== 'withheld' || (await isOvertaken(state, run))) await rm(path, { force: true })
  }
}

async function plansOf({ planDirectory }: Services, state: State, sync: string): Promise<readonly Kept[]> {
  const names = await readdir(planDirectory).catch(() => [])
  const found = names.map(async (name) => {
    const [, id] = /^([0-9a-f]+)\.plan$/.exec(name) ?? []
    const run = id === undefined ? undefined : await state.run(id).catch(() => undefined)
    return run && belongsTo(run.sync, sync) ? [{ path: join(planDirectory, name), run }] : []
  })
  return (await Promise.all(found)).flat()
}

/** Whether the sync was brought in step since, by a run or by applying the plan. An undo and a retry of rejects bring no more than some rows. */
async function isOvertaken(state: State, { sync, startedAt }: RunResult): Promise<boolean> {
  const later = await state.runs({ sync, limit: 50 })
  const inStep = later.filter(({ command, status, details }) => status === 'succeeded' && command !== 'undo' && !details.retried)
  return inStep.some((run) => run.sync === sync && run.startedAt > startedAt)
}
