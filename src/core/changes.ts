import type { SynclineError } from './errors.ts'
import type { Rows } from './rows.ts'
import type { Value } from './value.ts'

export type ChangeKind = 'insert' | 'update' | 'delete'

/**
 * What brings one target table in step. Each set of rows can be read more than once. Keys do not overlap between the
 * three sets, nor within one.
 */
export interface ChangeSet {
  /** Names of the key columns; empty where rows are known only by all their cells (a keyless `append`). */
  readonly key: readonly string[]
  /** Rows the target does not have: the columns to write. */
  readonly inserts: Rows & { readonly count: number }
  /**
   * Rows to change, twice as many columns as are written: first every cell as it shall be, then, in the same order, every
   * cell as it was read (the before image), those columns named `before:<name>`.
   */
  readonly updates: Rows & { readonly count: number }
  /** Rows to delete as they were read, key columns included. */
  readonly deletes: Rows & { readonly count: number }
  /** Where true and the target cannot roll back, a writer leaves the rest alone once a row is refused. */
  readonly stopsAtRefusal?: boolean
}

/** What a writer did with a change set. */
export interface Applied {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  /** Keys whose row was not as the before image says (or was there already, for an insert): left untouched. */
  readonly moved: readonly Moved[]
  /** Rows that the target refused for themselves, the others being applied; absent where it refuses a change set as a whole. */
  readonly refused?: readonly Refused[]
  /** For people: what the target cannot promise about these changes. */
  readonly notes?: readonly string[]
  /** What the target's answers prove, in words for people; for targets that cannot be read back. */
  readonly acknowledged?: string
  /** What ended it before all was done; only from targets that cannot take back what they took (`Traits.atomicity` is `none`). */
  readonly stopped?: SynclineError
}

/** A row that the target would not take. */
export interface Refused {
  readonly kind: ChangeKind
  /** In the order of `ChangeSet.key`; where that is empty, every cell of the row, in the order of `ChangeSet.inserts`. */
  readonly key: readonly Value[]
  readonly reason: RejectReason
  readonly column?: string
  /** Names columns, limits and statuses, never values. */
  readonly detail: string
  /** What the target said, in its own words, which may hold values: kept with the row and never logged. */
  readonly answer?: string
}

export interface Moved {
  readonly kind: ChangeKind
  /** In the order of `ChangeSet.key`. */
  readonly key: readonly Value[]
}

/** Why a row was set aside; `detail` names columns and limits, never values. */
export interface Reject {
  readonly reason: RejectReason
  readonly column?: string
  readonly detail: string
  /** What the target said of it in its own words; kept as the row is. */
  readonly answer?: string
  /** The row as text by column name, `null` for NULL. Kept at rest with mode 0600, never logged. */
  readonly row: Readonly<Record<string, string | null>>
  /** Cells of redacted columns, encrypted; `row` has a mark in their place. Absent where no key is configured. */
  readonly sealed?: Readonly<Record<string, string>>
}

export type RejectReason =
  | 'value'
  | 'null key'
  | 'duplicate key'
  | 'not null'
  | 'too long'
  | 'exists'
  | 'moved'
  | 'constraint'
  | 'unanswered'
