import { RunError } from '../../core/errors.ts'
import { targetCell } from './cells.ts'
import { parkUniqueValues, type Update } from './park.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

/**
 * Changes the rows that are meant. InnoDB judges a unique index after each row, so that two rows cannot swap values in one statement:
 * where that happens, such values are first moved out of each other's way. Every column is set, because one that changes by
 * itself on update would.
 */
export async function updateRows(session: Session, target: Target, update: Update): Promise<void> {
  const written = update.columns.filter(({ column }) => !column.generated)
  if (written.length === 0) return
  const set = written.map((column) => `${targetCell(column)} = x.a${update.columns.indexOf(column)}`)
  const sql = `UPDATE ${target.sql} AS t JOIN ${update.temporary} AS x ON ${update.match} SET ${set.join(', ')} WHERE ${update.meant}`
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
