import type { Applied, ChangeSet } from '../../core/changes.ts'
import { applySteps } from '../sql/apply-steps.ts'
import { standardSavepoint } from '../sql/savepoint.ts'
import { deletion, insertion, updating } from './changes.ts'
import type { Session } from './session.ts'
import { columnOf, type Target } from './target.ts'

/**
 * Applies changes whose before images still hold. Only the keys of rows that moved or were refused come back to JavaScript.
 */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  const key = changes.key.map((name) => columnOf(target.relation, name))
  const { database, name } = target.relation.name
  const steps = {
    table: `${database}.${name}`,
    savepoint: standardSavepoint(async (sql) => await session.execute(sql)),
    deletes: async () => await deletion(session, target, key, changes.deletes),
    updates: async () => await updating(session, target, key, changes.updates),
    inserts: async () => await insertion(session, target, key, changes.inserts),
  }
  return await applySteps(steps, changes)
}
