import { createHash } from 'node:crypto'
import { RetryableError } from '../../core/errors.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'

/**
 * Keeps other machines' Syncline from writing to a table until this session ends; everyone else goes on (rule 28).
 * @throws RetryableError where another one holds it for longer than the lock timeout.
 */
export async function lockAgainstOthers(session: Session, name: RelationName, seconds: number): Promise<void> {
  const [[taken] = []] = await session.rows(`SELECT GET_LOCK(${literal(lockName(name))}, ${seconds})`)
  if (taken === '1') return
  throw new RetryableError({
    code: 'TARGET_LOCKED',
    message: `another run of Syncline is writing to ${name.database}.${name.name}`,
    hint: 'run again when it has ended; `lock_timeout` says how long to wait',
  })
}

/** Names of locks have at most 64 characters. */
function lockName(name: RelationName): string {
  return `syncline ${shortHash(name)}`
}

/** Stands for a table in names that are too short for its own. */
export function shortHash(name: RelationName): string {
  return createHash('sha256').update(qualified(name)).digest('hex').slice(0, 16)
}
