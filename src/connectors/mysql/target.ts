import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { qualified, type RelationName } from './names.ts'
import type { Relation, RelationColumn } from './relation.ts'

/** A table that is written, as it is inside the session. */
export interface Target {
  readonly relation: Relation
  /** Where its rows lie until the commit: beside, where it is new or replaced. */
  readonly place: RelationName
  /** In SQL, quoted. */
  readonly sql: string
  /** It came to be in this session. */
  readonly created: boolean
}

/** @throws RunError where what is written could not be rolled back. */
export function toTarget(relation: Relation, place: RelationName, created: boolean): Target {
  if (relation.kind === 'table' && relation.engine?.toLowerCase() !== 'innodb') {
    const { database, name } = relation.name
    throw new RunError({
      code: 'TARGET_NOT_TRANSACTIONAL',
      message: `${database}.${name} uses the engine ${relation.engine}; expected InnoDB, because nothing else can be rolled back`,
      hint: `ALTER TABLE ${qualified(relation.name)} ENGINE = InnoDB`,
    })
  }
  return { relation, place, sql: qualified(place), created }
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
      message: `${relation.name.database}.${relation.name.name}: ${rows.columns.length} columns arrived where ${table.columns.length} were expected`,
    })
  }
  return (named ? rows : table).columns.map((column) => columnOf(relation, column.name))
}

export function columnOf(relation: Relation, name: string): RelationColumn {
  const found = relation.columns.find(({ column }) => column.name === name)
  if (found) return found
  throw new RunError({
    code: 'COLUMN_NOT_FOUND',
    message: `${relation.name.database}.${relation.name.name} has no column \`${name}\``,
    hint: 'was it dropped or renamed meanwhile? Run again',
  })
}
