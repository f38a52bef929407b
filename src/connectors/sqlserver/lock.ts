import { createHash } from 'node:crypto'
import { RetryableError } from '../../core/errors.ts'
import { type ObjectName, qualified } from './names.ts'
import type { Session } from './session.ts'

/**
 * Keeps other machines' Syncline from writing to a table until this transaction ends; readers and other writers go on.
 * @throws RetryableError where another one holds it for longer than the lock timeout.
 */
export async function lockAgainstOthers(session: Session, name: ObjectName, timeoutSeconds: number): Promise<void> {
  if (await takeLock(session, resourceOf(qualified(name)), timeoutSeconds)) return
  throw new RetryableError({
    code: 'TARGET_LOCKED',
    message: `another run of Syncline is writing to ${name.schema}.${name.name}`,
    hint: 'run again when it has ended; `lock_timeout` says how long to wait',
  })
}

/**
 * Keeps everyone from writing to a table until this transaction ends; those who read without a snapshot wait too. One row is
 * asked for, because of none the server would look at no table.
 */
export async function lockAgainstWriters(session: Session, name: ObjectName): Promise<void> {
  await session.execute(`SELECT TOP (1) 1 AS one FROM ${qualified(name)} WITH (TABLOCKX, HOLDLOCK)`)
}

/** An application lock of the transaction. @returns whether it was given within the time. */
export async function takeLock(session: Session, resource: string, timeoutSeconds: number): Promise<boolean> {
  const [row] = await session.rows<{ readonly given: number }>(
    `DECLARE @given int;
EXEC @given = sp_getapplock @Resource = @p0, @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = ${timeoutSeconds * 1000};
SELECT @given AS given`,
    [resource],
  )
  return (row?.given ?? -1) >= 0
}

/** Names of locks hold 255 characters. */
function resourceOf(name: string): string {
  return name.length <= 200 ? `syncline ${name}` : `syncline ${createHash('sha256').update(name).digest('hex')}`
}
