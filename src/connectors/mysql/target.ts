import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { columnOfTarget, writtenNames } from '../sql/target-columns.ts'
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

/** The target's columns in the order of the rows' cells. */
export function writtenColumns({ relation }: Target, table: Table, rows: Pick<Rows, 'columns'>): readonly RelationColumn[] {
  return writtenNames(nameOf(relation), table, rows).map((name) => columnOf(relation, name))
}

export function columnOf(relation: Relation, name: string): RelationColumn {
  return columnOfTarget({ table: nameOf(relation), columns: relation.columns }, name)
}

function nameOf({ name }: Relation): string {
  return `${name.database}.${name.name}`
}
