import type { Column } from './table.ts'
import type { Batch } from './value.ts'

/**
 * Rows on the move, in every form that their owner can give them. A form that is absent cannot be had; at least one is
 * there. Each call starts the rows anew from the same snapshot. Every form ends only after the last row: a read that is
 * cut short throws, so that an incomplete read never looks like a complete one. A form that finds out while it is read that
 * a column holds what its type does not have ends with `ReadAgainError`.
 */
export interface Rows {
  /** In the order of the cells. */
  readonly columns: readonly Column[]
  /** PostgreSQL's binary COPY stream, header and trailer included; only between columns of the same native types. */
  pgcopy?(): AsyncIterable<Uint8Array>
  /**
   * CSV of canonical texts in one profile: RFC 4180, UTF-8, `,` and `"`, LF, no header, unquoted empty = NULL, `""` =
   * empty text. In up to `parts` streams that are read side by side and together hold every row once.
   */
  csv?(parts: number): readonly AsyncIterable<Uint8Array>[]
  /** Local files that a DuckDB in this process reads where they lie. */
  relation?(): Promise<Relation>
  batches?(): AsyncIterable<Batch>
  /** Rows handed over by the form that was read last, by its owner's own count; known once it has ended. */
  given?(): number
  /** Writes all rows into a new local file. */
  file?(path: string, format: FileFormat): Promise<FileWritten>
}

export type RowsForm = 'pgcopy' | 'csv' | 'relation' | 'batches' | 'file'

/** What DuckDB reads in place. Valid until `release`, which removes temporary files; calling it twice is harmless. */
export interface Relation {
  /** A parenthesized `select`, or a table function, for use in a FROM clause. Its columns are `Rows.columns`, in order and by name. */
  readonly sql: string
  /** How a cell is represented: `text` is canonical text (or untyped text) in VARCHAR, `native` the DuckDB type of the column's type. */
  readonly cells: 'text' | 'native'
  /** Size of the files, where it is known. */
  readonly bytes?: number
  release(): Promise<void>
}

export type FileFormat =
  | {
      readonly format: 'csv'
      readonly delimiter: string
      readonly quote: string
      readonly header: boolean
      readonly compression: 'none' | 'gzip' | 'zstd'
    }
  | { readonly format: 'json' | 'ndjson'; readonly compression: 'none' | 'gzip' | 'zstd' }
  | { readonly format: 'parquet' }

export interface FileWritten {
  readonly rows: number
}
