import { RetryableError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Dependents, Table } from '../../core/table.ts'
import type { Keep, Replaced } from '../connector.ts'
import { mayNotCreate } from '../sql/reserved.ts'
import { copyRows, loadColumns, loadRows } from './append.ts'
import { isAlike } from './beside-shape.ts'
import { findDependents } from './dependents.ts'
import { copyFormer, fits } from './former.ts'
import { mergeRows, mergeTable } from './merge.ts'
import { qualified, type RelationName } from './names.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'
import { type Target, writtenColumns } from './target.ts'

export interface Sessions {
  readonly session: Session
  /** For statements that commit by themselves. */
  readonly ddl: Session
}

/** What a session does for a table that takes another's place. */
export interface Swapping {
  /** Asks to keep the former rows. */
  readonly keep: Keep | undefined
  readonly look?: (() => Promise<void>) | undefined
  /** Keeps everyone else from writing to the table. */
  lock(): Promise<void>
  /** Where the new one is filled; from then on the session reads there. @param kept what the table that goes is called then. */
  beside(kept: RelationName | undefined): RelationName
  /** A copy of the former rows was made that the session has to see to. */
  copied(name: RelationName): void
}

/**
 * Makes a table hold exactly these rows (rule 14): a new one is loaded; one on which nothing hangs is loaded beside and
 * swapped in after the commit; into any other the rows are merged, so that rows that stay are never deleted.
 */
export async function replaceRows(sessions: Sessions, target: Target, table: Table, rows: Rows, swapping: Swapping): Promise<Replaced> {
  const { session, ddl } = sessions
  if (target.created) return { rows: await loadRows(session, target, table, rows), former: 0 }
  const columns = writtenColumns(target, table, rows)
  return await replaceBy(sessions, target, columns, swapping, {
    isAlike: async () => true,
    swap: async (beside) => {
      await ddl.execute(`CREATE TABLE ${qualified(beside)} LIKE ${target.sql}`)
      await numberOn(ddl, target, beside)
      return await loadColumns(session, qualified(beside), columns, rows)
    },
    load: async () => await loadRows(session, target, table, rows),
    merge: async () => await mergeRows(session, target, columns, rows),
  })
}

/** The same with rows that were gathered in a table beside the target, which `swapping` puts in its place. */
export async function adoptRows(
  sessions: Sessions,
  target: Target,
  table: Table,
  from: RelationName,
  swapping: Swapping,
): Promise<Replaced> {
  const { session, ddl } = sessions
  // Not by the session: what its transaction has read cannot be altered or renamed.
  const rows = await countRows(ddl, qualified(from))
  if (target.created) {
    swapping.beside(undefined)
    return { rows, former: 0 }
  }
  const columns = writtenColumns(target, table, { columns: table.columns })
  return await replaceBy(sessions, target, columns, swapping, {
    isAlike: async () => await isAlike(ddl, target.relation.name, from),
    swap: async (beside) => {
      await numberOn(ddl, target, beside)
      return rows
    },
    load: async () => await copyRows(session, target, columns, qualified(from)),
    merge: async () => await mergeTable(session, target, columns, qualified(from)),
  })
}

/** What is done with the rows, wherever they are. @returns how many there are. */
interface Replacing {
  /** Whether the table that would be swapped in is made as the target is now. */
  isAlike(): Promise<boolean>
  /** Sees to it that they are in a table which is to take the target's place. */
  swap(beside: RelationName): Promise<number>
  load(): Promise<number>
  merge(): Promise<number>
}

async function replaceBy(
  sessions: Sessions,
  target: Target,
  columns: readonly RelationColumn[],
  swapping: Swapping,
  { isAlike, swap, load, merge }: Replacing,
): Promise<Replaced> {
  const { ddl } = sessions
  const mayGo = isWhole(target, columns) && nothingHangs(await findDependents(ddl, target.relation))
  const swaps = mayGo && (await isAlike())
  if (swaps) await swapping.lock()
  if (swaps && !(await isAlike())) throw alteredMeanwhile(target)
  await lookAt(sessions.session, target, swaps, swapping)
  const former = await countRows(ddl, target.sql)
  const wanted = former > 0 ? swapping.keep : undefined
  const room = wanted && (await fits(ddl, target, wanted))
  const kept = room ? { kept: room } : {}
  const place = wanted && room && 'table' in room ? { ...target.relation.name, name: wanted.name } : undefined
  if (swaps) return { rows: await swap(swapping.beside(place)), former, ...kept }
  if (former === 0) return { rows: await load(), former }
  if (place) {
    swapping.copied(place)
    if (!(await copyFormer(sessions, target, place))) return { rows: await merge(), former, kept: mayNotCreate }
  }
  return { rows: await merge(), former, ...kept }
}

function alteredMeanwhile({ relation: { name } }: Target): RetryableError {
  const message = `${name.database}.${name.name} was altered while its new rows were put in its place; nothing was changed`
  return new RetryableError({ code: 'CONFLICT', message, hint: 'run again' })
}

/** Rows of a table that keeps its place are locked first, so that nobody changes them from then on; others may still add some. */
async function lookAt(session: Session, { sql }: Target, swaps: boolean, { look }: Swapping): Promise<void> {
  if (!look) return
  if (!swaps) await session.rows(`SELECT count(*) FROM (SELECT 1 FROM ${sql} AS t FOR UPDATE) AS locked`)
  await look()
}

async function countRows(session: Session, table: string): Promise<number> {
  const [[count] = []] = await session.rows(`SELECT count(*) FROM ${table}`)
  return Number(count ?? 0)
}

/** Numbers that the table gave out before are not given out again. */
async function numberOn(ddl: Session, { relation }: Target, beside: RelationName): Promise<void> {
  const { database, name } = relation.name
  if (!relation.columns.some(({ column }) => column.identity !== undefined)) return
  const [[next] = []] = await ddl.rows(
    `SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)} AND TABLE_NAME = ${literal(name)}`,
  )
  if (next !== null && next !== undefined) await ddl.execute(`ALTER TABLE ${qualified(beside)} AUTO_INCREMENT = ${Number(next)}`)
}

/** A table of which every column is written: nothing would be lost with the old one. */
function isWhole({ relation }: Target, written: readonly RelationColumn[]): boolean {
  const writable = relation.columns.filter(({ column }) => !column.generated)
  return relation.kind === 'table' && written.length === writable.length && writable.every((column) => written.includes(column))
}

function nothingHangs({ views, referencedBy, triggers, others }: Dependents): boolean {
  return views.length + referencedBy.length + triggers.length + others.length === 0
}
