import { ConfigError, RunError } from '../../core/errors.ts'
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
  if (relation.kind === 'm') {
    const { schema, name } = relation.name
    throw new ConfigError({ code: 'NOT_WRITABLE', message: `${schema}.${name} is a materialized view, which only REFRESH writes` })
  }
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
  if (found) return found
  throw new RunError({
    code: 'COLUMN_NOT_FOUND',
    message: `${relation.name.schema}.${relation.name.name} has no column \`${name}\``,
    hint: 'was it dropped or renamed meanwhile? Run again',
  })
}

/**
 * The key columns, by which rows are matched.
 * @throws ConfigError where a column's collation takes different texts as one: no other engine could tell which.
 */
export function keyColumns({ relation }: Target, key: readonly string[]): readonly RelationColumn[] {
  const columns = key.map((name) => columnOf(relation, name))
  const loose = columns.find(({ looseCollation }) => looseCollation)
  if (!loose) return columns
  throw new ConfigError({
    code: 'KEY_COLLATION',
    message: `the key column \`${loose.column.name}\` of ${relation.name.schema}.${relation.name.name} has a nondeterministic collation, which takes different texts as equal`,
    hint: 'give the column a deterministic collation, or use another key',
  })
}
