import type { Applied, ChangeSet } from '../core/changes.ts'
import type { Logger } from '../core/logger.ts'
import type { Rows, RowsForm } from '../core/rows.ts'
import type { Column, Table, TableRef } from '../core/table.ts'

/**
 * A kind of system that Syncline can read or write. A part that is absent is a thing the endpoint cannot do: presence is
 * the capability.
 */
export interface Connector<Options> {
  readonly name: string
  /**
   * Turns untrusted input into options.
   * @throws ConfigError naming the bad field.
   */
  parseOptions(input: Readonly<Record<string, unknown>>): Options
  /** @throws RunError or RetryableError with the next step: wrong password, unreachable host, missing folder. */
  open(options: Options, context: Context): Promise<Endpoint>
}

/** What an endpoint may use while it is open. */
export interface Context {
  /** The connection's name, for messages. */
  readonly connection: string
  /** Relative paths start here. */
  readonly baseDirectory: string
  /** A directory of this run, mode 0700, removed afterwards. */
  readonly temporaryDirectory: string
  /**
   * What is to outlive a run may be kept here: a directory for this end of this sync, mode 0700 once it is made, which may not
   * exist yet. One run at a time uses it, while plans may read it. Absent where the endpoint is opened for no sync.
   */
  readonly keptDirectory?: string
  /** What a login has to keep from one time to the next is kept here, mode 0700 once it is made, and never as it is. */
  readonly loginDirectory?: string
  /** Which end of a sync it is opened for; absent where it is opened for a look. */
  readonly end?: 'source' | 'target'
  /** Aborted when the run is to stop: what is under way rejects soon with the signal's reason. */
  readonly signal: AbortSignal
  readonly logger: Logger
}

/** Facts that no method expresses. */
export interface Traits {
  /** What others see of a write session before it commits: nothing, over all its tables or each table for itself. */
  readonly atomicity: 'session' | 'table' | 'none'
  /** Whether everything read through one snapshot shows one moment. */
  readonly consistentReads: boolean
  /** How many streams of one snapshot are worth reading side by side. */
  readonly parallelReads: number
  /** Whether several connections may write at the same time: `false` where a reader must have ended before a writer begins. */
  readonly readsDuringWrite: boolean
  /** Whether its tables refuse rows by themselves: those that share a key or lack it, and texts that are no values of their column. */
  readonly judgesRows: boolean
  /** What an object with wildcards means: many tables where absent; `dataset`: one object that all that match make up (rule 22). */
  readonly globs?: 'dataset'
}

export interface Endpoint extends AsyncDisposable {
  readonly traits: Traits
  /** What this endpoint is and can do, in a few words for `check`: `PostgreSQL 15.4, schema public, read and write`. */
  readonly summary: string
  readonly reader?: Reader
  readonly writer?: Writer
  /** Objects whose name matches `pattern` (`*` and `?`), in name order; Syncline's own tables are hidden. */
  listTables(pattern?: string): Promise<readonly TableRef[]>
  /**
   * Columns, key and what hangs on one table, or `undefined` where it does not exist.
   * @throws ConfigError where the name or its options cannot be one of this endpoint.
   */
  describe(ref: TableRef): Promise<Table | undefined>
  /** The columns of a query's result. Absent where queries cannot be read. */
  describeQuery?(query: string): Promise<Table>
  /**
   * The column as this endpoint would create it for a value of `column`'s type: same name, its own type and native type.
   * A native type of this very system is kept.
   * @param table the object it is for, where objects of one endpoint differ in what they hold: files do by their format.
   */
  adopt(column: Column, table: TableRef): Column
  /**
   * The texts as `column` of this endpoint would store and show them, in the same order; `null` for a text it refuses.
   * Present where the endpoint has types of kind `other`, or text forms that only it can judge (JSON, unbounded decimals).
   */
  canonicalize?(column: Column, texts: readonly string[]): Promise<readonly (string | null)[]>
  /**
   * A form of each text, which the texts share that `column`'s keys take as one, and no others (rule 2); the same for as long as
   * the endpoint is open. The texts are such as the column holds. Present where columns have a `folding.told`.
   */
  keyForms?(column: Column, texts: readonly string[]): Promise<readonly string[]>
}

export interface Reader {
  /** One view for everything read through it, over tables and ranges; `traits.consistentReads` says how consistent it is. */
  snapshot(): Promise<Snapshot>
}

export type Pushdown = 'columns' | 'where' | 'cursor' | 'settled' | 'newer' | 'keys' | 'buckets' | 'limit' | 'query'

/** Every field but `source` is honoured exactly when `Snapshot.pushdown` lists it, and refused otherwise. */
export interface ReadRequest {
  readonly source: { readonly table: TableRef } | { readonly query: string }
  /** Names, in the order wanted; all columns of the table where absent. */
  readonly columns?: readonly string[]
  /** A predicate in the endpoint's own SQL. */
  readonly where?: string
  /** Rows whose column is at least `from` (canonical text) or NULL: those can never be told old from new. */
  readonly cursor?: { readonly column: string; readonly from: string }
  /**
   * The same as a wish: rows below `from` need not be given, and whoever reads leaves out those that are given all the same.
   * For systems that look at a time of their own making; no row at or above `from`, or without a value, may be missing.
   */
  readonly newer?: { readonly column: string; readonly from: string }
  /** The sync's cursor: rows that some yet to commit may still come before, by this column, are left for a later read. */
  readonly settled?: string
  /** Only rows with one of these keys. At most 10,000 keys a request; cells as canonical text, none NULL. */
  readonly keys?: { readonly columns: readonly string[]; readonly values: readonly (readonly string[])[] }
  /** Only rows that the cut deals into these buckets. */
  readonly buckets?: Buckets
  readonly limit?: number
}

/**
 * Deals the rows of a table into buckets by their key, none of whose cells is NULL, alike in every system. `width`: by even
 * ranges of an integer, the first of which begins at `from`. `hash`: by the first 7 hexadecimal digits of the MD5 of the key's
 * texts, written as `canonicalForm` says, because engines sort text differently (rule 25).
 */
export type Cut = WidthCut | { readonly by: 'hash'; readonly columns: readonly string[]; readonly buckets: number }

export interface WidthCut {
  readonly by: 'width'
  readonly column: string
  readonly from: bigint
  readonly width: bigint
}

/** Some buckets of a cut, by their numbers. */
export interface Buckets<By extends Cut = Cut> {
  readonly cut: By
  readonly numbers: readonly number[]
}

/** Ranges of an integer. */
export type Ranges = Buckets<WidthCut>

export interface Snapshot extends AsyncDisposable {
  readonly pushdown: ReadonlySet<Pushdown>
  read(request: ReadRequest): Promise<Rows>
  /** Exact count of the rows a request would give. */
  count(request: ReadRequest): Promise<number>
  /**
   * An order-free checksum of every row and their number, computed where the data lives. Two checksums may be compared
   * when their `form` is equal; equal checksums then mean equal rows, compared as exact text.
   */
  checksum?(request: ReadRequest): Promise<Checksum>
  /** Absent where rows cannot be hashed where they live. */
  readonly digests?: Digests
  /** Why there are none, for people, where that depends on the server at hand. */
  readonly noDigests?: string
}

/**
 * Hashes of rows, computed where the data lives, so that two systems are compared without moving their rows (rule 25). Rows
 * that two systems hash in one form are equal, compared as exact text, where their hashes are.
 */
export interface Digests {
  /** The forms in which the columns of a request can be hashed, best first. */
  forms(request: ReadRequest): Promise<readonly string[]>
  /** The least and the greatest value of an integer column that is never NULL; `undefined` where there are no rows. */
  bounds(request: ReadRequest, column: string): Promise<Bounds | undefined>
  /** Count and hashes of every bucket that holds rows. */
  buckets(request: DigestRequest, cut: Cut): Promise<readonly Bucket[]>
  /** The key columns of every row, and `hashColumn`. */
  hashes(request: DigestRequest, key: readonly string[]): Promise<Rows>
}

export interface DigestRequest extends ReadRequest {
  /** Hashed in this order. */
  readonly columns: readonly string[]
  readonly form: string
}

export interface Bounds {
  readonly least: bigint
  readonly greatest: bigint
}

export interface Bucket {
  readonly number: number
  readonly rows: number
  /** The hashes of its rows taken together, whatever their order: in the canonical form their sum, as a decimal. */
  readonly digest: string
}

export interface Checksum {
  /** Names the algorithm and everything it depends on: `postgres:15:hashtextextended`. */
  readonly form: string
  readonly rows: number
  readonly value: string
}

export interface Writer {
  /** The forms its sessions take in `append` and `replace`, best first. */
  readonly accepts: readonly RowsForm[]
  /** Whether changes can be applied row by row; otherwise the table is replaced as a whole. */
  readonly appliesChanges: boolean
  /**
   * Asked before rows of a table are compared that may be written anew as a whole, by plans as by runs.
   * @throws RunError where that would lose what the table holds besides values.
   */
  checkRewrite?(table: TableRef): Promise<void>
  /** One unit of work; others see none of it before `commit`, as far as `traits.atomicity` goes. */
  begin(): Promise<WriteSession>
  /** After a crash: did that unit of work commit? Absent where the target cannot tell. */
  outcome?(proof: CommitProof): Promise<'committed' | 'rolled back' | 'unknown'>
  /**
   * Drops what `WriteSession.replace` kept beside a table under names that begin with `stem`, but for those that are `staying`.
   * Absent where a replace keeps nothing.
   */
  dropKept?(table: TableRef, stem: string, staying: ReadonlySet<string>): Promise<void>
  /** Where a long `replace` gathers its rows before it takes them over. Absent where they can only be loaded in one go. */
  readonly beside?: TablesBeside
  /** Rows in the target's own form, whose columns are those of `table`, as CSV. Present where it takes such a form. */
  asTexts?(table: TableRef, rows: Rows): Promise<Rows & AsyncDisposable>
}

/** Tables beside those that are replaced, hidden from listings. What a process that died had committed there is there for the next. */
export interface TablesBeside {
  /**
   * The table beside `table`, made as that one is, without what is made when it takes its place. It holds what an earlier run left
   * in it, unless that was made for another shape; then it begins anew.
   * @returns `undefined` where another process is at it, or the user may not make it.
   */
  open(table: Table): Promise<TableBeside | undefined>
  /** Drops what an earlier run left beside a table, unless another process is at it. */
  drop(table: TableRef): Promise<void>
}

/**
 * A table that one process at a time fills; what keeps others away goes with the process. Each call is committed when it returns.
 * Disposing leaves the rows to the next run.
 */
export interface TableBeside extends AsyncDisposable {
  /** What it is called: it is read as any other table, and taken over by `WriteSession.adopt`. */
  readonly ref: TableRef
  /** Whether an earlier run made it. */
  readonly begun: boolean
  /** Removes every row whose key lies outside of these buckets. */
  retain(buckets: Ranges): Promise<void>
  /**
   * Adds rows, all or none of them.
   * @returns how many it took.
   * @throws NotDirectError where one was refused.
   */
  append(table: Table, rows: Rows): Promise<number>
  /** Gives up what is left of it: its rows, or nothing where they were adopted. */
  drop(): Promise<void>
}

/** What tells afterwards whether a commit happened; opaque to everyone but its writer, kept in the state as JSON. */
export interface CommitProof {
  readonly kind: string
  readonly [field: string]: string | number
}

/** Disposing before `commit` rolls everything back; disposing after it does nothing. */
export interface WriteSession extends AsyncDisposable {
  /**
   * Creates the table with its columns and key, or adds the columns that are missing.
   * @returns the statements it ran, for people.
   */
  ensureTable(table: Table): Promise<readonly string[]>
  /**
   * Loads rows into a table, nothing compared: the target's own constraints judge them.
   * @returns how many rows the target took.
   * @throws NotDirectError where a row was refused, so that the run goes by the stage.
   */
  append(table: Table, rows: Rows): Promise<number>
  /**
   * Makes the table hold exactly these rows: loaded beside and swapped in where nothing hangs on the table, else merged
   * in so that rows that stay are never deleted and what hangs on the table stays (rule 14).
   * @param keep asks to keep the former rows in a table of this name beside it, from the commit on.
   * @param look is called before anything of the table is changed, and once others change it no more; what it throws ends the
   * replace. A writer whose commit fails where others changed the table does not call it.
   * @throws NotDirectError where a row was refused.
   */
  replace(table: Table, rows: Rows, keep?: Keep, look?: () => Promise<void>): Promise<Replaced>
  /**
   * The same as `replace` with the rows that were gathered beside the table. They are there no more once it is committed, unless they
   * had to be merged in; then `TableBeside.drop` removes them.
   */
  adopt?(table: Table, beside: TableRef, keep?: Keep): Promise<Replaced>
  /** From here on foreign keys that can be judged at the commit are. Absent where there are none, or where they always are. */
  deferReferences?(): Promise<void>
  /**
   * Applies changes whose before images still hold; the rows that moved come back untouched (rule 13). Where
   * `traits.atomicity` is `none` it throws only as long as nothing was changed: what ends it later is in `Applied.stopped`.
   */
  apply?(table: Table, changes: ChangeSet): Promise<Applied>
  /**
   * Gives rows that were written just now the very cells that they have in a table that `replace` kept: those with these keys, or without
   * a key all rows. Present where cells have types of their own, which no text tells.
   */
  recall?(table: Table, kept: TableRef, key: readonly string[], keys: AsyncIterable<readonly (readonly string[])[]>): Promise<void>
  /** Reads its own writes: verification happens before the commit. */
  snapshot?(): Promise<Snapshot>
  /**
   * Keeps an object as it was before this session wrote it, byte for byte: on disk for good when it returns, so before the commit.
   * `undefined` where this session did not write it. Absent where objects are not written as a whole.
   */
  keepContent?(table: TableRef, keep: KeepContent): Promise<KeptContent | { readonly none: string } | undefined>
  /** On the commit puts back what `keepContent` kept of an object at `path`, where that is still as the session of then left it. */
  putBack?(table: TableRef, kept: KeptContent, path: string): Promise<PutBack>
  /** Everything is written; what `outcome` will need. Noted in the state before `commit`. */
  proof?(): Promise<CommitProof>
  commit(): Promise<void>
}

export interface Replaced {
  readonly rows: number
  /** Rows that the table held before. */
  readonly former: number
  /** What became of the former rows where keeping them was asked for; absent where there were none. */
  readonly kept?: Kept
}

/** A wish to keep the rows that a replace takes the place of, so that it can be undone (rule 15). */
export interface Keep {
  /** Begins as the names do that are hidden from listings. */
  readonly name: string
  /** The most room that they may take. */
  readonly bytes: number
}

/** A wish to keep an object as it was: in a file at this path, whose folder is there, of at most so many bytes. */
export interface KeepContent {
  readonly path: string
  readonly bytes: number
}

/** An object as it was before a session wrote it, and as the session leaves it. */
export interface KeptContent {
  /** Tells whether the kept file is still as it was kept; `absent` where there was no such object. */
  readonly former: string
  /** Hex of SHA-256 over what the session leaves; `absent` where it leaves nothing. */
  readonly left: string
  /** Who may do what with the object, as POSIX counts it. */
  readonly mode?: number
  readonly bytes: number
}

/** `there`: it is already as it was. `moved`: others changed it since. `lost`: what was kept is gone, or was changed. */
export type PutBack = 'waits' | 'there' | 'moved' | 'lost'

/** A table with the former rows, or in words for people why there is none. */
export type Kept = { readonly table: TableRef; readonly bytes: number } | { readonly none: string }
