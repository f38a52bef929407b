import type { ChangeKind, Reject } from './changes.ts'
import type { Mode } from './definition.ts'
import type { RunFailure } from './failure.ts'

export type RunStatus = 'running' | 'succeeded' | 'failed' | 'withheld' | 'cancelled' | 'differs'

/** Rows, by what became of them. `read` = rows of the source; each is inserted, updated, unchanged or rejected. */
export interface Counts {
  readonly read: number
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged: number
  readonly rejected: number
}

export const noCounts: Counts = { read: 0, inserted: 0, updated: 0, deleted: 0, unchanged: 0, rejected: 0 }

/** The record of one run; what `--json` prints and the state keeps. */
export interface RunResult {
  readonly id: string
  readonly sync: string
  readonly mode: Mode
  /** Which command made it. */
  readonly command: 'plan' | 'run' | 'apply' | 'undo' | 'verify' | 'diff'
  readonly status: RunStatus
  readonly counts: Counts
  /** ISO 8601 instant. */
  readonly startedAt: string
  readonly seconds: number
  readonly bytesRead: number
  /** Canonical text of the cursor's last value, `null` where the sync has no cursor. */
  readonly watermark: string | null
  readonly error: RunFailure | null
  readonly details: RunDetails
}

/** What people want to see besides the counts. */
export interface RunDetails {
  readonly from: string
  readonly to: string
  readonly key: readonly string[]
  /** Names source, target and cursor, so that a watermark is not taken for that of another sync of the same name. */
  readonly course?: string
  /** One line of the planner: the way that was taken and why. */
  readonly path: string
  /** What agreement was proved by, in words for people; absent where it was not. */
  readonly verified?: string
  /** How far `verified` reaches: rows read back, checksums of all of them, or no more than their number. */
  readonly verifiedBy?: 'rows' | 'checksums' | 'counts'
  /** DDL that was run, or that a run would run. */
  readonly schema: readonly string[]
  /** Notices for people: what could not be held, proved or locked. */
  readonly notes: readonly string[]
  readonly timings: Readonly<Record<string, number>>
  /** The target cannot take back what it took: what was changed before a failure stays. */
  readonly stays?: true
  /** Whether the before and after images of its changes were kept, so that it can be undone; absent where it changed nothing. */
  readonly journal?: JournalNote
  /** Runs of the tables of one sync that one commit ended have the same: the id of one of them. */
  readonly unit?: string
  /** Of an undo: the run that it takes back. */
  readonly undoes?: string
  /** It tried rejects again, and nothing else. */
  readonly retried?: true
  /** Of a withheld run: the file that holds what it would have done, for `apply`. */
  readonly plan?: string
  /** Of a withheld run: its inserts were made, and updates and deletes alone are withheld. */
  readonly proceeded?: true
}

/** Whether the target took what the run made: all of it, or its inserts where a guard withheld the rest. */
export function hasCommitted({ status, details }: Pick<RunResult, 'status' | 'details'>): boolean {
  return status === 'succeeded' || (status === 'withheld' && details.proceeded === true)
}

/** The journal of one run, or why there is none, in words for people. */
export type JournalNote = { readonly bytes: number } | { readonly none: string }

/** One change as a screen shows it; texts are canonical, `null` is NULL. */
export interface ChangeSample {
  readonly kind: ChangeKind
  readonly before: readonly (string | null)[] | null
  readonly after: readonly (string | null)[] | null
}

/** What `plan` and `diff` found. */
export interface PlanResult extends RunResult {
  readonly columns: readonly string[]
  /** The first changes, inserts, updates and deletes side by side, at most as many as were asked for. */
  readonly samples: readonly ChangeSample[]
  /** The rows that cannot be delivered, by why; absent where that is not known. */
  readonly rejects?: readonly RejectCount[]
}

/** How many rows are rejected for one reason. */
export interface RejectCount extends Omit<Reject, 'row'> {
  readonly rows: number
}

export type Phase = 'opening' | 'reading' | 'comparing' | 'applying' | 'verifying' | 'committing'

/** What a run tells while it goes on. */
export type RunEvent =
  | { readonly type: 'started'; readonly sync: string; readonly run: string }
  | {
      readonly type: 'progress'
      readonly sync: string
      readonly run: string
      readonly phase: Phase
      /** Rows done in this phase. */
      readonly rows: number
      /** Rows expected in this phase, where an estimate is known. */
      readonly total?: number
      readonly bytes: number
    }
  | { readonly type: 'finished'; readonly sync: string; readonly run: string; readonly result: RunResult }
