import type { RestClient } from '../client/client.ts'
import type { RowOutcome } from './outcome.ts'
import type { ReadyRequest } from './requests.ts'
import type { ChangedRow } from './row.ts'
import type { ReadRow } from './rows.ts'
import type { Tally } from './tally.ts'

/** What is known of the rows of a resource while changes are sent to it: by reading it back, or by remembering what was sent. */
export interface Known {
  /** Before the first change: clears up what an earlier run left open. */
  prepare(client: RestClient): Promise<void>
  /** A change with what is known of its row; `undefined` where nothing is to be sent, which is then in the tally. */
  meet(row: ReadRow, tally: Tally): ChangedRow | undefined
  /** A request with these rows is about to be sent. */
  expect(request: ReadyRequest, rows: readonly ChangedRow[]): void
  /** A request with these rows was not done after all. */
  release(rows: readonly ChangedRow[]): void
  /** What became of rows that were sent. @throws RunError where it is time to stop; everything is noted by then. */
  settle(rows: readonly ChangedRow[], outcomes: readonly RowOutcome[], tally: Tally): void
  /** After the last change, however it ended. */
  conclude(tally: Tally): Promise<void>
  /** For people. */
  notes(): readonly string[]
}

/** Calls for each row with what became of it, all of them before the first thing that was thrown goes on. */
export function forEachOutcome(
  rows: readonly ChangedRow[],
  outcomes: readonly RowOutcome[],
  action: (row: ChangedRow, outcome: RowOutcome) => void,
): void {
  const thrown: unknown[] = []
  for (const [index, row] of rows.entries()) {
    const outcome = outcomes[index]
    if (!outcome) throw new Error('a row without an outcome')
    try {
      action(row, outcome)
    } catch (error) {
      thrown.push(error)
    }
  }
  if (thrown.length > 0) throw thrown[0]
}
