import type { Rows } from '../../core/rows.ts'
import type { Dependents, Table } from '../../core/table.ts'
import type { Keep, Replaced } from '../connector.ts'
import { copyRows, loadRows } from './append.ts'
import { isAlike } from './beside-shape.ts'
import { findDependents } from './dependents.ts'
import { copyFormer } from './former.ts'
import { lockAgainstWriters } from './lock.ts'
import { mergeRows, mergeTable } from './merge.ts'
import { qualified, type RelationName } from './names.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { swapTable, takePlace } from './swap.ts'
import { type Target, writtenColumns } from './target.ts'

/**
 * Makes a table hold exactly these rows (rule 14): a new one is loaded; one on which nothing hangs is loaded beside and
 * swapped in; an empty one is loaded as it is; into any other the rows are merged, so that rows that stay are never deleted.
 */
export async function replaceRows(session: Session, target: Target, table: Table, rows: Rows, wishes: Wishes = {}): Promise<Replaced> {
  if (target.created) {
    const loaded = await loadRows(session, target, table, rows)
    await session.execute(`ANALYZE ${target.sql}`)
    return { rows: loaded, former: 0 }
  }
  const columns = writtenColumns(target, table, rows)
  return await replaceBy(session, target, columns, wishes, {
    isAlike: async () => true,
    swap: async (wanted) => await swapTable(session, target, columns, rows, wanted),
    load: async () => await loadRows(session, target, table, rows),
    merge: async () => await mergeRows(session, target, columns, rows),
  })
}

/** The same with rows that were gathered in a table beside the target. */
export async function adoptRows(session: Session, target: Target, table: Table, beside: RelationName, keep?: Keep): Promise<Replaced> {
  const from = qualified(beside)
  const [count] = await session.rows<{ rows: number }>(`SELECT count(*)::float8 AS rows FROM ${from}`)
  const rows = count?.rows ?? 0
  if (target.created) return { rows, former: 0, ...(await takePlace(session, target, beside)) }
  const columns = writtenColumns(target, table, { columns: table.columns })
  return await replaceBy(
    session,
    target,
    columns,
    { keep },
    {
      isAlike: async () => await isAlike(session, target.relation.name, beside),
      swap: async (wanted) => ({ rows, ...(await takePlace(session, target, beside, wanted)) }),
      load: async () => await copyRows(session, target, columns, from),
      merge: async () => await mergeTable(session, target, columns, from),
    },
  )
}

/** What is done with the rows, wherever they are. @returns how many there are. */
interface Replacing {
  /** Whether the table that would be swapped in is made as the target is now, which nobody can alter any more. */
  isAlike(): Promise<boolean>
  swap(keep: Keep | undefined): Promise<Pick<Replaced, 'rows' | 'kept'>>
  load(): Promise<number>
  merge(): Promise<number>
}

async function replaceBy(
  session: Session,
  target: Target,
  columns: readonly RelationColumn[],
  { keep, look }: Wishes,
  { isAlike, swap, load, merge }: Replacing,
): Promise<Replaced> {
  if (target.relation.kind !== 'f') await lockAgainstWriters(session, target.relation.name)
  await look?.()
  const [count] = await session.rows<{ former: number }>(`SELECT count(*)::float8 AS former FROM ${target.sql}`)
  const former = count?.former ?? 0
  const mayGo = isWhole(target, columns) && nothingHangs(await findDependents(session, target.relation.oid))
  if (mayGo && (await isAlike())) return { ...(await swap(former > 0 ? keep : undefined)), former }
  const kept = keep && former > 0 ? { kept: await copyFormer(session, target, keep) } : {}
  const loaded = former === 0 ? await load() : await merge()
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
