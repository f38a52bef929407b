import { RunError } from '../../core/errors.ts'
import type { Savepoint } from '../sql/savepoint.ts'
import type { Session } from './session.ts'

/** Statements that the server refuses are taken back by themselves, and the transaction goes on, only where `XACT_ABORT` is off. */
export async function goingOnAfterRefusals<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  await session.execute('SET XACT_ABORT OFF')
  const result = await work()
  await session.execute('SET XACT_ABORT ON')
  return result
}

export function savepointOf(session: Session): Savepoint {
  return {
    mark: async () => await session.execute('SAVE TRANSACTION changes'),
    takeBack: async (refused) => {
      // Triggers that roll back or throw end the transaction, and with it all that was done before.
      const [row] = await session.rows<{ readonly state: number }>('SELECT XACT_STATE() AS state')
      if (row?.state === 1) return await session.execute('ROLLBACK TRANSACTION changes')
      throw new RunError({
        code: 'ROLLED_BACK',
        message: `${refused.message}; with that the server ended the transaction, so that the row cannot be told from the others`,
        hint: 'let triggers refuse rows by RAISERROR alone, without THROW and ROLLBACK, or leave such rows out by `where`',
      })
    },
    release: async () => {},
  }
}
