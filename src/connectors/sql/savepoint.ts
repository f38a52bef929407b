import type { RefusedRowError } from './refusal.ts'

/** A point of a transaction to which it can go back; of several that were marked the last one counts. */
export interface Savepoint {
  mark(): Promise<void>
  /**
   * Takes back what was done since the mark, and forgets it.
   * @throws RunError where the database has ended the transaction.
   */
  takeBack(refused: RefusedRowError): Promise<void>
  /** What was done since the mark stays. */
  release(): Promise<void>
}

/** In the words of the SQL standard. */
export function standardSavepoint(execute: (sql: string) => Promise<unknown>): Savepoint {
  return {
    mark: async () => void (await execute('SAVEPOINT changes')),
    takeBack: async () => {
      await execute('ROLLBACK TO SAVEPOINT changes')
      await execute('RELEASE SAVEPOINT changes')
    },
    release: async () => void (await execute('RELEASE SAVEPOINT changes')),
  }
}
