import type { Redaction } from './redaction.ts'

/** What the target becomes. */
export type Mode = 'replace' | 'append' | 'upsert' | 'mirror'

export const modes: readonly Mode[] = ['replace', 'append', 'upsert', 'mirror']

/** A named system. `options` is untrusted until the connector has parsed it; it may hold secrets and is never printed. */
export interface ConnectionDefinition {
  /** As the config names it, or the address itself with its password left out. */
  readonly name: string
  /** The connector: `postgres`, `files` … */
  readonly type: string
  readonly options: Readonly<Record<string, unknown>>
  /** IANA name of the zone whose clocks its naive timestamps were read from; decides between naive and instant (rule 8). */
  readonly zone?: string | undefined
}

export interface SourceDefinition {
  readonly connection: ConnectionDefinition
  /** Absent where `query` is given. */
  readonly object?: string
  /** Options of the object: `delimiter`, `encoding`, `columns` … The connector parses them. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly query?: string
  readonly select?: readonly string[]
  /** A predicate in the source's own SQL; DuckDB's for files. */
  readonly where?: string
  readonly cursor?: string
  /** How far behind the watermark reading begins: a number, or an interval such as `10 minutes`. */
  readonly lag?: string | number
}

export interface TargetDefinition {
  readonly connection: ConnectionDefinition
  readonly object: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** A limit on one kind of change: rows, a share from 0 to 1 of the target's rows, or both, which must then both be passed. */
export interface Limit {
  readonly rows?: number
  readonly share?: number
}

/**
 * What a person configured. One limit acts alone: a kind of change without one is not guarded then. Where there is no limit at
 * all, the defaults of rule 20 hold.
 */
export interface Guard {
  readonly inserts?: Limit
  readonly updates?: Limit
  readonly deletes?: Limit
  /** Whether an empty source may meet a target that holds rows. */
  readonly empty?: 'allow' | 'withhold'
  /** Whether deletes may take rows of other tables along, by their cascading foreign keys (rule 19). */
  readonly cascades?: 'allow' | 'withhold'
  /**
   * What goes on where a limit on updates or deletes is passed: the inserts of a `mirror` or `upsert`, the rest being withheld.
   * Nothing where absent.
   */
  readonly proceed?: 'inserts'
}

/**
 * How agreement is proved before a commit. `counts`: row counts. `checksum`: every changed row is read back and compared
 * and the rows are counted; where nothing was compared (full loads), checksums of all rows on both sides. `full`: the
 * whole target is read back and compared.
 */
export type Verify = 'full' | 'checksum' | 'counts' | 'off'

/** How long the before and after images of a sync's changes are kept, and how much room they may take. */
export interface JournalLimits {
  readonly keepSeconds: number
  readonly bytes: number
}

/** What holds of a journal where nothing is said of it. */
export const journalDefaults: JournalLimits = { keepSeconds: 30 * 86_400, bytes: 1e9 }

/** Rows of a range, where nothing is said of `resume`. */
export const resumeDefault = 2_000_000

/**
 * What rows that cannot be delivered do to a run: they stop it, they are set aside and it goes on, or it goes on until more of
 * them than a limit are set aside. Its share is one of the rows that were read.
 */
export type OnReject = 'stop' | 'continue' | { readonly limit: Limit }

/** What one table of a family does otherwise than the others. */
export interface TableOverrides
  extends Partial<Pick<SyncDefinition, 'mode' | 'key' | 'scope' | 'guard' | 'verify' | 'onReject' | 'redact'>> {
  readonly from: Partial<Pick<SourceDefinition, 'select' | 'where' | 'cursor' | 'lag'>>
}

/** Many tables at once: `from.object` is a pattern, `to.object` holds `{table}`, and each table that matches is a sync of its own. */
export interface Family {
  /** Tables that are left out: names and patterns, with their schema or without. */
  readonly exclude: readonly string[]
  /** Where one is given, all other tables are left out. */
  readonly only?: readonly string[]
  /** By the table's name, with its schema or without. */
  readonly overrides: Readonly<Record<string, TableOverrides>>
  /** The most tables that are read at the same time; as many as the source gains from where absent. */
  readonly parallel?: number
}

/** One sync, complete and checked. */
export interface SyncDefinition {
  readonly name: string
  readonly from: SourceDefinition
  readonly to: TargetDefinition
  readonly mode: Mode
  /** `undefined`: the target's primary key, then the source's (rule 2). */
  readonly key?: readonly string[]
  /** Bounds both sides of a `mirror` alike (rule 1). */
  readonly scope?: string
  /** `off`: it may change and delete as much as it does. `undefined`: the defaults of rule 20. */
  readonly guard?: Guard | 'off'
  readonly verify: Verify
  readonly onReject: OnReject
  /** Columns whose values are kept and shown nowhere. */
  readonly redact?: Redaction
  /** `undefined`: `journalDefaults`. */
  readonly journal?: JournalLimits | 'off'
  /** About how many rows a long `replace` loads at a time, so that it goes on after a crash. `undefined`: `resumeDefault`. */
  readonly resume?: number | 'off'
  readonly after: readonly string[]
  readonly tags: readonly string[]
  /** Present where the sync stands for many tables. */
  readonly family?: Family
}
