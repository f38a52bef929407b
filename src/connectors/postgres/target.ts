import { ConfigError } from '../../core/errors.ts'
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
  if (relation.kind === 'm') {
    const { schema, name } = relation.name
    throw new ConfigError({ code: 'NOT_WRITABLE', message: `${schema}.${name} is a materialized view, which only REFRESH writes` })
  }
  return { relation, sql: qualified(relation.name), created }
}

/** The target's columns in the order of the rows' cells. */
export function writtenColumns({ relation }: Target, table: Table, rows: Pick<Rows, 'columns'>): readonly RelationColumn[] {
  return writtenNames(nameOf(relation), table, rows).map((name) => columnOf(relation, name))
}

export function columnOf(relation: Relation, name: string): RelationColumn {
  return columnOfTarget({ table: nameOf(relation), columns: relation.columns }, name)
}

function nameOf({ name }: Relation): string {
  return `${name.schema}.${name.name}`
}

/** The key columns, by which rows are matched. */
export function keyColumns({ relation }: Target, key: readonly string[]): readonly RelationColumn[] {
  return key.map((name) => columnOf(relation, name))
}
