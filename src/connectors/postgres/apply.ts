import type { Applied, ChangeSet } from '../../core/changes.ts'
import { applySteps } from '../sql/apply-steps.ts'
import { RefusedRowError } from '../sql/refusal.ts'
import { standardSavepoint } from '../sql/savepoint.ts'
import { deletion, insertion, updating } from './changes.ts'
import type { Session } from './session.ts'
import { keyColumns, type Target } from './target.ts'

/** Applies changes whose before images still hold. Only the keys of rows that moved or were refused come back to JavaScript. */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  const key = keyColumns(target, changes.key)
  const { schema, name } = target.relation.name
  const steps = {
    table: `${schema}.${name}`,
    savepoint: standardSavepoint(async (sql) => await session.execute(sql)),
    deletes: async () => await deletion(session, target, key, changes.deletes),
    updates: async () => await updating(session, target, key, changes.updates),
    inserts: async () => await insertion(session, target, key, changes.inserts),
  }
  return await applySteps(steps, changes)
}

/**
 * The same, where no more changes of this transaction follow: constraints that wait for the commit are judged here, so that a
 * row that breaks one is found and does not end the run.
 */
export async function applyAllChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  await session.execute('SAVEPOINT deferred')
  const applied = await applyChanges(session, target, changes)
  try {
    await session.execute('SET CONSTRAINTS ALL IMMEDIATE')
    return applied
  } catch (error) {
    if (!(error instanceof RefusedRowError)) throw error
    await session.execute('ROLLBACK TO SAVEPOINT deferred')
    await session.execute('SET CONSTRAINTS ALL IMMEDIATE')
    return await applyChanges(session, target, changes)
  }
}
