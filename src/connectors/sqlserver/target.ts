import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
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

/**
 * The target's columns in the order of the rows' cells: by name, or where the two sides spell names differently, in the
 * order of the table that came with them.
 */
export function writtenColumns({ relation }: Target, table: Table, rows: Rows): readonly RelationColumn[] {
  const names = new Set(table.columns.map((column) => column.name))
  const named = rows.columns.every((column) => names.has(column.name))
  if (!named && rows.columns.length !== table.columns.length) {
    throw new RunError({
      code: 'COLUMN_MISMATCH',
      message: `${relation.name.schema}.${relation.name.name}: ${rows.columns.length} columns arrived where ${table.columns.length} were expected`,
    })
  }
  return (named ? rows : table).columns.map((column) => columnOf(relation, column.name))
}

export function columnOf(relation: Relation, name: string): RelationColumn {
  const found = relation.columns.find(({ column }) => column.name === name)
  if (found && found.type.name !== 'sql_variant') return found
  const table = `${relation.name.schema}.${relation.name.name}`
  if (found) {
    throw new RunError({
      code: 'COLUMN_NOT_WRITABLE',
      message: `column \`${name}\` of ${table} is a sql_variant: its values have types of their own, which no text tells`,
      hint: 'leave it out by `select`, or give the column one type',
    })
  }
  throw new RunError({
    code: 'COLUMN_NOT_FOUND',
    message: `${table} has no column \`${name}\``,
    hint: 'was it dropped or renamed meanwhile? Run again',
  })
}
