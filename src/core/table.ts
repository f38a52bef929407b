import type { Type } from './types.ts'

/** A type as its own system knows it, remembered so that a copy within that system keeps it. */
export interface NativeType {
  /** The system, by connector name: `postgres`, `sqlite` … */
  readonly system: string
  /** The type as that system's DDL writes it, arguments included: `numeric(12,2)`, `public.mood[]`. */
  readonly name: string
  /** Statements that create what the type needs (enums, domains, composite types), in the order to run them. Each may be skipped where it exists. */
  readonly requires?: readonly TypeDefinition[]
}

export interface TypeDefinition {
  /** Schema and name, by which a writer sees whether it exists already. */
  readonly name: readonly string[]
  readonly sql: string
}

/**
 * How the target takes two key texts as one, where it is not exact equality (rule 2): `ascii` and `unicode` ignore case,
 * `pad` ignores trailing spaces, which are lost unless they are `kept`: `char(n)` fills up with them, `varchar(n)` does not.
 */
export interface KeyFolding {
  readonly case?: 'ascii' | 'unicode'
  readonly pad?: boolean
  readonly kept?: boolean
  /**
   * Texts of which only the endpoint knows what its keys take them as (`Endpoint.keyForms`): all of them, or those with
   * characters past printable ASCII, where the above says it of the others.
   */
  readonly told?: 'all' | 'past ascii'
  /** The collation that says so, as the endpoint's SQL writes it, where the native type does not name it. */
  readonly collation?: string
}

/**
 * What a column holds of the values of its type: no more than DuckDB's type of that kind does (no decimal `NaN`, no year
 * 294276), and no more than is said here. Other values are rejects.
 */
export interface Limits {
  /** The least and the greatest date, time or timestamp, as canonical text; where one is given, both are. */
  readonly least?: string
  readonly greatest?: string
  /** Numbers are neither `NaN` nor infinite. */
  readonly finite?: true
  /** The most bytes of a text in UTF-8. */
  readonly bytes?: number
  /** Bytes are exactly as many as the type says: fewer would be filled up. */
  readonly fixed?: true
  /** Only the endpoint tells which texts it takes without changing them: every distinct one is asked about. */
  readonly judged?: true
}

export interface Column {
  readonly name: string
  readonly type: Type
  readonly nullable: boolean
  readonly native?: NativeType
  /**
   * The source has no types (CSV, JSON text): every cell is text and the target decides, or else inference over the
   * whole column (rule 9). `type` is then `text`. Of rows that are read it also says that some cell may not be what the
   * described type says, so that every one has to be judged.
   */
  readonly untyped?: boolean
  /**
   * Of rows that are read: what a text begins with that is no value, whatever the type; behind it stands why (`#N/A` of a
   * sheet). The row is a reject, and inference passes over the cell.
   */
  readonly invalid?: string
  /** The system computes the value: it is read, compared with nothing and never written. */
  readonly generated?: boolean
  /** The system numbers rows itself; explicit values are written with the override it asks for. */
  readonly identity?: 'always' | 'default'
  /** Whether the column fills itself when an insert leaves it out: a default, an identity, a generated value. */
  readonly defaulted?: boolean
  readonly folding?: KeyFolding
  /** A document `null` and NULL are one in this column: a JSON file cannot tell them apart. */
  readonly mergesNull?: boolean
  /** Characters that no text of this column can hold: a text with one is a reject. */
  readonly refuses?: string
  /** What the column holds of its type; all of it where absent. */
  readonly limits?: Limits
}

/** One object of an endpoint, by the name its address gives it, exact-case, and by options of the long form (`delimiter`, `encoding` …). */
export interface TableRef {
  readonly name: string
  readonly options?: Readonly<Record<string, unknown>>
}

/** What hangs on a table and does not follow it through a rename, and what acts when rows change (rules 14, 19). Names only. */
export interface Dependents {
  readonly views: readonly string[]
  /** Foreign keys of other tables that point here, as `child.constraint`. */
  readonly referencedBy: readonly string[]
  /** Those of `referencedBy` that delete or change child rows by themselves. */
  readonly cascades: readonly string[]
  readonly triggers: readonly string[]
  /** Everything else that a swap would lose: grants, policies, owned sequences, foreign keys of its own … */
  readonly others: readonly string[]
}

/** A foreign key of a table: each of its rows refers to one that has the same cells, or to none where a cell is NULL. */
export interface Reference {
  /** As `Dependents.referencedBy` of the table that it points to names it: `child.constraint`. */
  readonly name: string
  readonly columns: readonly string[]
  /** The table that it points to, as people know it. */
  readonly table: string
  /** Those of its columns, in the order of `columns`: they are unique there. */
  readonly foreignColumns: readonly string[]
  /** It points to its own table. */
  readonly self?: boolean
  /**
   * When the system judges it: after each `row`, at the end of each `statement`, or, once it is asked to put that off, at the
   * `commit`.
   */
  readonly judged: 'row' | 'statement' | 'commit'
}

export interface Table {
  readonly ref: TableRef
  readonly kind: 'table' | 'view' | 'query' | 'file'
  readonly columns: readonly Column[]
  /** Columns of the primary key, in its order; empty where there is none. */
  readonly key: readonly string[]
  /** Column sets that the system itself holds unique and not null, the primary key included. */
  readonly uniques: readonly (readonly string[])[]
  /** An estimate, where one costs nothing. */
  readonly rows?: number
  readonly dependents?: Dependents
  /** Its own foreign keys; absent where the system has none. */
  readonly references?: readonly Reference[]
  /** More columns than these may turn up when it is read: an API's rows name their own fields. `Rows.columns` then has all of them. */
  readonly open?: boolean
  /** What it is read as is what was sent there before: the system itself cannot be read. */
  readonly remembered?: boolean
}
