import type { Outcome } from '../apply.ts'
import { type Comparison, compareEnds } from '../compare-ends.ts'
import type { Planned } from '../planned.ts'
import { asPlanned } from '../plans/as-planned.ts'
import { keepPlan } from '../plans/keep.ts'
import { refuseChanged, refusePartial } from '../plans/saved-plan.ts'
import type { RunRequest, Services } from '../services.ts'
import { WithheldError } from '../withheld.ts'
import { Faults } from './faults.ts'
import { nameOf, type Ready } from './part.ts'

/** The tables that are applied as planned, with the changes of their plans. @throws Faults naming those that moved. */
export async function allAsPlanned(ready: readonly Ready[]): Promise<readonly Ready[]> {
  const faults = new Map<string, unknown>()
  const planned: Ready[] = []
  for (const part of ready) {
    try {
      planned.push(await withPlanned(part))
    } catch (fault) {
      faults.set(nameOf(part), fault)
    }
  }
  if (faults.size > 0) throw new Faults(faults)
  return planned
}

async function withPlanned(part: Ready): Promise<Ready> {
  const { comparison, work, stage, watermark, request } = part
  if (!request.plan || !comparison) return part
  refuseChanged(request.plan, work.definition, watermark)
  return { ...part, comparison: await asPlanned(work, stage, comparison, request.plan) }
}

/** Where nothing but guards stands against a run: the same with the plan of all tables kept, since they change together. */
export async function keepingPlan(services: Services, { adhoc }: RunRequest, ready: readonly Ready[], thrown: unknown): Promise<unknown> {
  if (adhoc || !(thrown instanceof Faults)) return thrown
  const stopped = [...thrown.byTable].flatMap(([name, fault]) => (fault instanceof WithheldError ? [{ name, fault }] : []))
  const [first] = stopped
  if (!first || stopped.length < thrown.byTable.size) return thrown
  const tables: Planned[] = []
  for (const part of ready) tables.push({ ...part, comparison: part.comparison ?? (await compareHeld(part)) })
  const run = ready.find((part) => nameOf(part) === first.name)?.begun.id ?? ''
  const plan = await keepPlan(services, run, tables)
  return new Faults(new Map(stopped.map(({ name, fault }) => [name, fault.keptIn(plan)])))
}

async function compareHeld({ work, stage, watermark }: Ready): Promise<Comparison> {
  return await compareEnds(work, stage, { mode: 'mirror', watermark })
}

/** @throws Faults where not every change of a plan was made. */
export function refusePartly(outcomes: ReadonlyMap<Ready, Outcome>): void {
  for (const [part, { applied, rejects }] of outcomes) {
    try {
      if (part.request.plan) refusePartial(part.request.plan, applied.moved.length, rejects)
    } catch (fault) {
      throw new Faults(new Map([[nameOf(part), fault]]))
    }
  }
}
