import type { ChangeSet } from '../core/changes.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Column } from '../core/table.ts'

/** Rows that arrived but were not looked at: text on disk, files where they lie, or a table of the stage. Can be conformed more than once: the last time counts. */
export interface Landed {
  readonly columns: readonly Column[]
  readonly bytes: number
  /** Removes what landing put on disk. */
  release(): Promise<void>
}

/** How one landed column becomes one column of a staged relation. */
export interface Conforming {
  /** The landed column's name. */
  readonly from: string
  /** The column it becomes: name and type of the target, because rows are compared as the target stores them (law 1). */
  readonly to: Column
  /** `text` holds the canonical text of every cell: for types and cells that DuckDB cannot hold. */
  readonly held: 'native' | 'text'
  /**
   * The cells come from the very type they become, so each fits by definition: one that DuckDB cannot hold is reported in
   * `Conformed.overflow`. Where false, a cell that is not exactly a value of the type is a reject.
   */
  readonly trusted: boolean
  /**
   * Cells that are naive become instants, and instants naive, by the clocks of this zone: an IANA name. Only where `to` is a
   * timestamp of either kind; a time that the clocks skip or show twice is no instant.
   */
  readonly zone?: string
  /**
   * Asks the target how it stores texts, `null` for one it refuses (a reject). Of types whose form only the target knows
   * (`other`, JSON, unbounded decimals, padded texts) every distinct text is asked about and replaced by the answer; of the
   * others only texts that do not fit are. Where `held` is `native`, columns with texts that do not fit and that the target
   * takes are reported in `overflow`.
   */
  readonly judge?: (texts: readonly string[]) => Promise<readonly (string | null)[]>
  /** Asks the target what its keys take texts as, where `to.folding.told` says that only it knows; learned for all that is compared. */
  readonly keyForms?: (texts: readonly string[]) => Promise<readonly string[]>
}

export interface ConformOptions {
  readonly columns: readonly Conforming[]
  /** A predicate in DuckDB's SQL over the conformed columns; rows for which it is not true are left out and not counted. */
  readonly where?: string
  /** Rows whose column is at least `from` (canonical text) or NULL: those can never be told old from new. */
  readonly cursor?: { readonly column: string; readonly from: string }
  /** For sources: rows whose key is NULL, unreadable or shared become rejects (rules 2, 5). Names of conformed columns. */
  readonly key?: readonly string[]
  /** For sources: columns that must not be NULL in the target, and texts no longer than their type, or the row is a reject. */
  readonly enforce?: boolean
}

export interface Conformed {
  readonly staged: Staged
  /** Names of columns holding cells that fit the type but not DuckDB: conform again with these held as `text`, on both sides. `staged` is then not to be used. */
  readonly overflow: readonly string[]
  /** Rows after `where` and `cursor`, rejects included. */
  readonly read: number
}

/** Rows that were read and not kept. */
export interface Audited {
  readonly rows: number
  /** Rows with a cell that is not exactly a value of its column, or that the target must not take. */
  readonly unfit: number
}

/** A relation of the stage with the target's columns. */
export interface Staged {
  readonly columns: readonly Column[]
  readonly held: Readonly<Record<string, 'native' | 'text'>>
  readonly rows: number
}

export interface CompareOptions {
  /** Empty: rows are known by all their cells, as a multiset. */
  readonly key: readonly string[]
  /**
   * Which differences become changes. `append` inserts only: a source row whose key is there with equal cells is
   * unchanged, with other cells a reject `exists`.
   */
  readonly mode: 'mirror' | 'upsert' | 'append'
  /** Columns that differ without being a change: the target computes them. */
  readonly ignore?: readonly string[]
}

export interface Compared extends ChangeSet {
  readonly unchanged: number
  /** Rows that a mirror would delete but for rule 5: some reject's key is NULL or unreadable, so no delete is proved. */
  readonly withheldDeletes: number
  /** The rows that the inserts and updates shall leave in the target. */
  readonly after: Staged
  /** How many of the deletes are of rows whose key is NULL, at least in part: nobody finds them by it. */
  deletesWithoutKey(): Promise<number>
  /** Keys of all changes, as canonical text, `size` at a time; for reading the target back. */
  touched(size: number): AsyncIterable<readonly (readonly string[])[]>
  /** Up to `limit` changes of each kind, in key order. */
  samples(limit: number): Promise<readonly ChangeSample[]>
}

export interface StageSettings {
  /** A directory of this run: where text lands and DuckDB spills. */
  readonly directory: string
  /** The most memory DuckDB takes, for example `1GB`. */
  readonly memoryLimit?: string
  readonly signal: AbortSignal
}

/** A compared table at one end of a foreign key. */
export interface LinkedTable<Changes = Compared> {
  readonly compared: Changes
  /** Whether all of the target's rows were compared. */
  readonly whole: boolean
}

/** A foreign key between two tables that were compared in one DuckDB, which may be the same table. */
export interface Link<Changes = Compared> {
  readonly child: LinkedTable<Changes>
  readonly parent: LinkedTable<Changes>
  readonly columns: readonly string[]
  readonly foreignColumns: readonly string[]
  /** Why rows are set aside, in words: one that refers to nothing, and a delete of one that others refer to. */
  readonly details: { readonly orphan: string; readonly kept: string }
}

/** Rows of a child that refer to others afterwards than before. */
export interface Departure<Changes = Compared> {
  readonly child: Changes
  readonly columns: readonly string[]
  readonly foreignColumns: readonly string[]
  /** Rows of the child that are deleted may themselves have to wait. */
  readonly waits: boolean
}

/** How the changes of a table are to be cut so that foreign keys hold after each pass. */
export interface PassOptions<Changes = Compared> {
  /** Columns that are NULL in new rows at first. */
  readonly heldInserts: readonly string[]
  /** Columns that changed rows keep at first; those of `heldInserts` are among them. */
  readonly heldUpdates: readonly string[]
  /** Columns that are emptied before their rows are deleted. */
  readonly released: readonly string[]
  /** Tables with rows that stop referring to deleted rows of this one only when they are changed, or late. */
  readonly departures: readonly Departure<Changes>[]
  /** Every delete waits until the other tables were written. */
  readonly allLate: boolean
}

/** The changes of one table, over all tables to be applied in this order; those that are absent are empty. */
export interface Passes {
  readonly release: ChangeSet | undefined
  /** Of all tables, those that refer to others first. */
  readonly deletes: ChangeSet
  /** Inserts and updates, the tables that others refer to first. */
  readonly writes: ChangeSet
  readonly complete: ChangeSet | undefined
  /** As `deletes`. */
  readonly lateDeletes: ChangeSet
}

/** Changes of now, of those rows alone that a saved set of changes is about. */
export interface StillSame<Changes = Compared> {
  readonly compared: Changes
  /** Absent where they are the very changes that were saved; else rows of the saved ones, by what became of them. */
  readonly moved: { readonly target: number; readonly source: number; readonly settled: number } | undefined
}
