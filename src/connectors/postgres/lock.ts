import { RetryableError } from '../../core/errors.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'

/**
 * Keeps other machines' Syncline from writing to a table until this transaction ends; readers and other writers go on.
 * @throws RetryableError where another one holds it for longer than the lock timeout.
 */
export async function lockAgainstOthers(session: Session, name: RelationName): Promise<void> {
  try {
    await session.execute('SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended($1, 0))', [`syncline ${qualified(name)}`])
  } catch (error) {
    if (!(error instanceof RetryableError) || error.code !== 'LOCK_TIMEOUT') throw error
    throw new RetryableError({
      code: 'TARGET_LOCKED',
      message: `another run of Syncline is writing to ${name.schema}.${name.name}`,
      hint: 'run again when it has ended; `lock_timeout` says how long to wait',
    })
  }
}

/** Keeps everyone from writing to a table until this transaction ends; readers go on. */
export async function lockAgainstWriters(session: Session, name: RelationName): Promise<void> {
  await session.execute(`LOCK TABLE ${qualified(name)} IN SHARE ROW EXCLUSIVE MODE`)
}
