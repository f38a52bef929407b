import { RunError } from '../../core/errors.ts'
import { targetCell } from './cells.ts'
import { parkUniqueValues } from './park.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

/** Rows to change, in a temporary table `x`: `a0` … as they shall be, in the order of `columns`. Their rows are locked. */
export interface Update {
  readonly columns: readonly RelationColumn[]
  readonly key: readonly RelationColumn[]
  /** SQL that is true where a row of the target is the one of `x`. */
  readonly match: string
  /** In SQL. */
  readonly temporary: string
  /** The mark of the rows that are changed. */
  readonly mark: number
}

/**
 * Changes the marked rows. InnoDB judges a unique index after each row, so that two rows cannot swap values in one statement:
 * where that happens, such values are first moved out of each other's way. Every column is set, because one that changes by
 * itself on update would.
 */
export async function updateRows(session: Session, target: Target, update: Update): Promise<void> {
  const written = update.columns.filter(({ column }) => !column.generated)
  if (written.length === 0) return
  const set = written.map((column) => `${targetCell(column)} = x.a${update.columns.indexOf(column)}`)
  const sql = `UPDATE ${target.sql} AS t JOIN ${update.temporary} AS x ON ${update.match} SET ${set.join(', ')} WHERE x.matched = ${update.mark}`
  await session.execute('SAVEPOINT updates')
  try {
    await session.execute(sql)
  } catch (error) {
    if (!(error instanceof RunError) || error.code !== 'NOT_UNIQUE') throw error
    await session.execute('ROLLBACK TO SAVEPOINT updates')
    await parkUniqueValues(session, target, update)
    await session.execute(sql)
  }
}
