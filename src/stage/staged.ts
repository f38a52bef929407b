import type { Column } from '../core/table.ts'
import { identifier } from '../duckdb/sql.ts'
import { textExpression } from '../duckdb/text.ts'
import { duckdbType } from '../duckdb/types.ts'
import type { Staged } from './contract.ts'

export type Held = 'native' | 'text'

/** Keys of rows that were set aside, as far as they could be read. */
export interface RejectedKeys {
  /** A table of the key columns, named by their position in the relation: `c0`, `c3` … */
  readonly table: string
  /** Whether some reject's key is NULL or unreadable, so that no row of the other side is known to be absent here. */
  readonly unknown: boolean
}

/**
 * A relation of the stage. Inside, columns are named by position, `c0` to `cn`, because DuckDB takes `Id` and `id` as one
 * name and the target may not.
 */
export class StagedRelation implements Staged {
  readonly columns: readonly Column[]
  readonly held: Readonly<Record<string, Held>>
  readonly rows: number
  /** What stands behind FROM. */
  readonly from: string
  readonly rejected: RejectedKeys | undefined
  /** The table that holds it, where it has one of its own. */
  readonly table: string | undefined

  constructor(parts: {
    readonly columns: readonly Column[]
    readonly held: Readonly<Record<string, Held>>
    readonly rows: number
    readonly from: string
    readonly rejected?: RejectedKeys | undefined
    readonly table?: string
  }) {
    this.columns = parts.columns
    this.held = parts.held
    this.rows = parts.rows
    this.from = parts.from
    this.rejected = parts.rejected
    this.table = parts.table
  }

  /** Position of a column. */
  index(name: string): number {
    const index = this.columns.findIndex((column) => column.name === name)
    if (index < 0) throw new Error(`the relation has no column ${name}`)
    return index
  }

  column(name: string): Column {
    const column = this.columns[this.index(name)]
    if (!column) throw new Error(`the relation has no column ${name}`)
    return column
  }
}

/** The relation behind a `Staged` that this stage handed out. */
export function relationOf(staged: Staged): StagedRelation {
  if (staged instanceof StagedRelation) return staged
  throw new Error('this relation belongs to no stage')
}

export function heldAs(held: Readonly<Record<string, Held>>, column: Column): Held {
  return duckdbType(column.type) === undefined ? 'text' : (held[column.name] ?? 'native')
}

/** The DuckDB type that a held column has. */
export function heldType(held: Readonly<Record<string, Held>>, column: Column): string {
  return heldAs(held, column) === 'text' ? 'VARCHAR' : (duckdbType(column.type) ?? 'VARCHAR')
}

/** Canonical text of a held column. */
export function heldText(expression: string, held: Readonly<Record<string, Held>>, column: Column): string {
  return heldAs(held, column) === 'text' ? expression : textExpression(expression, column.type)
}

/** A name that users see, for a column that is inside called by its position. */
export function named(expression: string, column: Column): string {
  return `${expression} AS ${identifier(column.name)}`
}

/** A relation without rows, as what stands behind FROM. */
export function emptySelect(columns: readonly Column[], held: Readonly<Record<string, Held>>): string {
  const cells = columns.map((column, index) => `NULL::${heldType(held, column)} AS c${index}`)
  return `(SELECT ${cells.length === 0 ? 'NULL' : cells.join(', ')} WHERE false)`
}
