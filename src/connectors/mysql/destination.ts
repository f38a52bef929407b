import type { RelationColumn } from './relation.ts'

/** Where rows go: a table as SQL, and its columns in the order of the rows' cells. */
export interface Destination {
  readonly table: string
  readonly fields: readonly Field[]
}

export interface Field {
  /** The column's name in that table. */
  readonly name: string
  readonly column: RelationColumn
  /** A NULL is refused before it is sent. */
  readonly required: boolean
}
