import type { Applied, ChangeSet } from '../../core/changes.ts'
import { applySteps } from '../sql/apply-steps.ts'
import { deletion, insertion, updating } from './changes.ts'
import { goingOnAfterRefusals, savepointOf } from './savepoint.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

/** Applies changes whose before images still hold. Only what rows that moved or were refused are known by comes back to JavaScript. */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  const { schema, name } = target.relation.name
  const steps = {
    table: `${schema}.${name}`,
    savepoint: savepointOf(session),
    deletes: async () => await deletion(session, target, changes),
    updates: async () => await updating(session, target, changes),
    inserts: async () => await insertion(session, target, changes),
  }
  return await goingOnAfterRefusals(session, async () => await applySteps(steps, changes))
}
