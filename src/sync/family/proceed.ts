import type { Compared } from '../../stage/stage.ts'
import { keepPlan } from '../plans/keep.ts'
import { onlyInserts, proceeds, provingChanges, withoutInserts } from '../proceed.ts'
import type { Services } from '../services.ts'
import { WithheldError } from '../withheld.ts'
import { Faults } from './faults.ts'
import { nameOf, type Ready } from './part.ts'

/**
 * Where guards alone stand against tables that change together, and let inserts go on (`guard: { proceed: inserts }`): all tables with
 * their inserts. Updates and deletes wait in one plan, those of tables whose own guard would let them, too.
 * @param thrown what stands against the run. @returns nothing where it stops.
 */
export async function insertsTogether(services: Services, ready: readonly Ready[], thrown: unknown): Promise<readonly Ready[] | undefined> {
  if (!(thrown instanceof Faults)) return undefined
  const stopped = [...thrown.byTable].flatMap(([name, fault]) => (fault instanceof WithheldError ? [{ name, fault }] : []))
  const [first] = stopped
  const [{ work }] = ready as readonly [Ready]
  if (!first || stopped.length < thrown.byTable.size) return undefined
  if (!stopped.every(({ fault }) => proceeds(work.definition, fault.passed))) return undefined
  const compared = ready.flatMap(({ comparison, ...part }) => (comparison ? { ...part, comparison } : []))
  if (compared.length < ready.length || compared.every(({ comparison }) => comparison.compared.inserts.count === 0)) return undefined
  const run = ready.find((part) => nameOf(part) === first.name)?.begun.id ?? ''
  const plan = await keepPlan(
    services,
    run,
    compared.map((part) => ({ ...part, comparison: withoutInserts(part) })),
  )
  const why = new Map(stopped.map(({ name, fault }) => [name, fault.keptIn(plan)]))
  return compared.map((part) => {
    if (changed(part.comparison.compared) === 0) return part
    const withheld = why.get(nameOf(part)) ?? along(first, plan)
    return { ...part, work: { ...part.work, definition: provingChanges(part.work.definition) }, comparison: onlyInserts(part), withheld }
  })
}

function changed({ updates, deletes }: Compared): number {
  return updates.count + deletes.count
}

/** A table that would pass by itself waits with the others. */
function along({ name, fault }: { readonly name: string; readonly fault: WithheldError }, plan: string): WithheldError {
  const reason = `its updates and deletes wait for those of \`${name}\`, which are withheld: tables of one sync change together`
  return new WithheldError({ ...fault.passed, reason }, { code: 'WITHHELD_TOGETHER', hint: `look at \`${name}\` first`, plan })
}
