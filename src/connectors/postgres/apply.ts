import type { Applied, ChangeSet, Moved } from '../../core/changes.ts'
import { NotDirectError, RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Value } from '../../core/value.ts'
import { canonicalCell, sameCells, sameKey } from './cells.ts'
import { lockAgainstWriters } from './lock.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'
import { columnOf, keyColumns, type Target } from './target.ts'
import { cells, loadTemporary, type Temporary } from './temporary.ts'
import { updateRows } from './update.ts'

/**
 * Applies changes whose before images still hold: deletes first, which free unique values, then updates, then inserts.
 * Only the keys of rows that moved come back to JavaScript.
 */
export async function applyChanges(session: Session, target: Target, changes: ChangeSet): Promise<Applied> {
  const key = keyColumns(target, changes.key)
  if (key.length === 0 && changes.updates.count + changes.deletes.count > 0) {
    throw new RunError({ code: 'NO_KEY', message: 'updates and deletes need a key that tells rows apart' })
  }
  try {
    const deletes = changes.deletes.count > 0 ? await applyDeletes(session, target, key, changes.deletes) : untouched
    const updates = changes.updates.count > 0 ? await applyUpdates(session, target, key, changes.updates) : untouched
    const inserts = changes.inserts.count > 0 ? await applyInserts(session, target, key, changes.inserts) : untouched
    return {
      deleted: deletes.done,
      updated: updates.done,
      inserted: inserts.done,
      moved: [...kept('delete', deletes), ...kept('update', updates), ...kept('insert', inserts)],
    }
  } catch (error) {
    throw error instanceof NotDirectError ? new RunError({ code: 'VALUE_REFUSED', message: error.message }) : error
  }
}

interface Step {
  readonly done: number
  readonly moved: readonly (readonly Value[])[]
}

const untouched: Step = { done: 0, moved: [] }

function kept(kind: Moved['kind'], { moved }: Step): readonly Moved[] {
  return moved.map((key) => ({ kind, key }))
}

async function applyDeletes(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const columns = layout.map(({ column }) => column)
  const temporary = await loadTemporary(session, target, 'deletes', layout, rows)
  const keyed = keyOf(key, columns, 'a')
  const compared = layout.filter(({ column }) => !column.column.generated)
  const same = sameCells(
    compared.map(({ column }) => column),
    (index) => [cell(compared[index]?.column), `x.${compared[index]?.alias}`],
  )
  const done = await session.execute(`
    WITH gone AS (
      DELETE FROM ${target.sql} AS t USING ${temporary.sql} AS x WHERE ${sameKey(key.map(cell), keyed.aliases)} AND ${same} RETURNING x.ctid AS place)
    DELETE FROM ${temporary.sql} AS x USING gone WHERE x.ctid = gone.place`)
  return await settle(session, temporary, keyed, done)
}

async function applyUpdates(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const half = rows.columns.length / 2
  const columns = rows.columns.slice(0, half).map((column) => columnOf(target.relation, column.name))
  const temporary = await loadTemporary(session, target, 'updates', [...cells(columns), ...cells(columns, 'b')], rows)
  const keyed = keyOf(key, columns, 'b')
  const done = await updateRows(session, target, { key, columns, temporary: temporary.sql })
  return await settle(session, temporary, keyed, done)
}

async function applyInserts(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<Step> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const temporary = await loadTemporary(session, target, 'inserts', layout, rows)
  const columns = layout.map(({ column }) => column)
  const written = layout.filter(({ column }) => !column.column.generated)
  const keyed = keyOf(key, columns, 'a')
  const names = identifiers(written.map(({ column }) => column.column.name))
  const selected = `SELECT ${written.map(({ alias }) => `x.${alias}`).join(', ')} FROM ${temporary.sql} AS x`
  const insert = `INSERT INTO ${target.sql} AS t (${names}) OVERRIDING SYSTEM VALUE ${selected} ${await whereAbsent(session, target, key, keyed.aliases)}`
  await session.execute('SAVEPOINT inserts')
  const all = await session.execute(insert)
  if (all === temporary.rows) return { done: all, moved: [] }
  // Some were there already. Which ones, only a second try tells, because afterwards all of them are.
  await session.execute('ROLLBACK TO SAVEPOINT inserts')
  const returned = key.map((column, index) => `${cell(column)} AS k${index}`).join(', ')
  const done = await session.execute(`
    WITH arrived AS (${insert} RETURNING ${returned})
    DELETE FROM ${temporary.sql} AS x USING arrived WHERE ${sameKey(
      keyed.aliases,
      key.map((_, index) => `arrived.k${index}`),
    )}`)
  return await settle(session, temporary, keyed, done)
}

/** A unique index on the key judges each insert, whoever else writes; without one nobody else may write meanwhile. */
async function whereAbsent(session: Session, target: Target, key: readonly RelationColumn[], keyed: readonly string[]): Promise<string> {
  if (key.length === 0) return ''
  const names = key.map(({ column }) => column.name)
  const judged = target.relation.uniques.some(
    ({ columns, immediate }) => immediate && columns.length === names.length && columns.every((name) => names.includes(name)),
  )
  if (judged && (target.relation.kind === 'r' || target.relation.kind === 'p')) return `ON CONFLICT (${identifiers(names)}) DO NOTHING`
  if (target.relation.kind !== 'f') await lockAgainstWriters(session, target.relation.name)
  return `WHERE NOT EXISTS (SELECT FROM ${target.sql} AS t WHERE ${sameKey(key.map(cell), keyed)})`
}

/** What is left in a temporary table are rows that were not as they should have been. */
async function settle(session: Session, { sql, rows }: Temporary, key: Key, done: number): Promise<Step> {
  if (done === rows || key.columns.length === 0) return { done, moved: [] }
  const texts = key.columns.map(({ type }, index) => canonicalCell(key.aliases[index] ?? '', type))
  const left = await session.rows<{ key: readonly string[] }>(`SELECT ARRAY[${texts.join(', ')}] AS key FROM ${sql} AS x`)
  return { done, moved: left.map((row) => row.key) }
}

/** The key's columns, and their cells in a temporary table. */
interface Key {
  readonly columns: readonly RelationColumn[]
  readonly aliases: readonly string[]
}

function keyOf(key: readonly RelationColumn[], columns: readonly RelationColumn[], prefix: 'a' | 'b'): Key {
  return { columns: key, aliases: key.map((column) => `x.${prefix}${columns.indexOf(column)}`) }
}

function cell(column: RelationColumn | undefined): string {
  return `t.${identifier(column?.column.name ?? '')}`
}
