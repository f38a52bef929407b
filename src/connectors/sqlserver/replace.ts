import type { Rows } from '../../core/rows.ts'
import type { Dependents, Table } from '../../core/table.ts'
import type { Replaced } from '../connector.ts'
import { appendRows } from './append.ts'
import { findDependents } from './dependents.ts'
import { lockAgainstWriters } from './lock.ts'
import { mergeRows } from './merge.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { swapTable } from './swap.ts'
import { type Target, writtenColumns } from './target.ts'

/**
 * Makes a table hold exactly these rows (rule 14): a new one is loaded; one on which nothing hangs is loaded beside and
 * swapped in; an empty one is loaded as it is; into any other the rows are merged, so that rows that stay are never deleted.
 */
export async function replaceRows(
  session: Session,
  target: Target,
  table: Table,
  rows: Rows,
  look?: () => Promise<void>,
): Promise<Replaced> {
  const columns = writtenColumns(target, table, rows)
  if (target.created) return { rows: await appendRows(session, target, columns, rows), former: 0 }
  await lockAgainstWriters(session, target.relation.name)
  await look?.()
  const [count] = await session.rows<{ readonly former: string }>(`SELECT COUNT_BIG(*) AS former FROM ${target.sql} AS t`)
  const former = Number(count?.former ?? 0)
  if (former === 0) return { rows: await appendRows(session, target, columns, rows), former }
  if (isWhole(target, columns) && nothingHangs(await findDependents(session, target.relation.id))) {
    return { rows: await swapTable(session, target, columns, rows), former }
  }
  return { rows: await mergeRows(session, target, columns, rows), former }
}

/** A plain table of which every column is written: nothing would be lost with the old one. */
function isWhole({ relation }: Target, written: readonly RelationColumn[]): boolean {
  const writable = relation.columns.filter(({ column }) => !column.generated)
  return relation.kind === 'table' && written.length === writable.length && writable.every((column) => written.includes(column))
}

function nothingHangs({ views, referencedBy, triggers, others }: Dependents): boolean {
  return views.length + referencedBy.length + triggers.length + others.length === 0
}
