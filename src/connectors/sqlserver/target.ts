import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { columnOfTarget, writtenNames } from '../sql/target-columns.ts'
import { qualified } from './names.ts'
import type { Relation, RelationColumn } from './relation.ts'

/** A table that is written, as it is inside the writing transaction. */
export interface Target {
  readonly relation: Relation
  /** In SQL, quoted. */
  readonly sql: string
  /** It was created in this transaction. */
  readonly created: boolean
}

export function toTarget(relation: Relation, created: boolean): Target {
  return { relation, sql: qualified(relation.name), created }
}

/** The target's columns in the order of the rows' cells. */
export function writtenColumns({ relation }: Target, table: Table, rows: Rows): readonly RelationColumn[] {
  return writtenNames(nameOf(relation), table, rows).map((name) => columnOf(relation, name))
}

export function columnOf(relation: Relation, name: string): RelationColumn {
  const table = nameOf(relation)
  const found = columnOfTarget({ table, columns: relation.columns }, name)
  if (found.type.name !== 'sql_variant') return found
  throw new RunError({
    code: 'COLUMN_NOT_WRITABLE',
    message: `column \`${name}\` of ${table} is a sql_variant: its values have types of their own, which no text tells`,
    hint: 'leave it out by `select`, or give the column one type',
  })
}

function nameOf({ name }: Relation): string {
  return `${name.schema}.${name.name}`
}
