import type { Rows } from '../../core/rows.ts'
import type { Dependents, Table } from '../../core/table.ts'
import type { Keep, Replaced } from '../connector.ts'
import { loadRows } from './append.ts'
import { findDependents } from './dependents.ts'
import { copyFormer } from './former.ts'
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
export async function replaceRows(session: Session, target: Target, table: Table, rows: Rows, wishes: Wishes = {}): Promise<Replaced> {
  const { keep, look } = wishes
  if (target.created) {
    const loaded = await loadRows(session, target, table, rows)
    await session.execute(`ANALYZE ${target.sql}`)
    return { rows: loaded, former: 0 }
  }
  if (target.relation.kind !== 'f') await lockAgainstWriters(session, target.relation.name)
  await look?.()
  const [count] = await session.rows<{ former: number }>(`SELECT count(*)::float8 AS former FROM ${target.sql}`)
  const former = count?.former ?? 0
  const columns = writtenColumns(target, table, rows)
  if (isWhole(target, columns) && nothingHangs(await findDependents(session, target.relation.oid))) {
    return { ...(await swapTable(session, target, columns, rows, former > 0 ? keep : undefined)), former }
  }
  const kept = keep && former > 0 ? { kept: await copyFormer(session, target, keep) } : {}
  const loaded = former === 0 ? await loadRows(session, target, table, rows) : await mergeRows(session, target, columns, rows)
  if (target.relation.kind === 'r' || target.relation.kind === 'p') await session.execute(`ANALYZE ${target.sql}`)
  return { rows: loaded, former, ...kept }
}

interface Wishes {
  readonly keep?: Keep | undefined
  readonly look?: (() => Promise<void>) | undefined
}

/** A plain table of which every column is written: nothing would be lost with the old one. */
function isWhole({ relation }: Target, written: readonly RelationColumn[]): boolean {
  const writable = relation.columns.filter(({ column }) => !column.generated)
  return relation.kind === 'r' && written.length === writable.length && writable.every((column) => written.includes(column))
}

function nothingHangs({ views, referencedBy, triggers, others }: Dependents): boolean {
  return views.length + referencedBy.length + triggers.length + others.length === 0
}
