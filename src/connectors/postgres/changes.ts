import type { Rows } from '../../core/rows.ts'
import { sameCells, sameKey } from './cells.ts'
import { lockAgainstWriters } from './lock.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'
import { type Key, TableStep } from './step.ts'
import { columnOf, type Target } from './target.ts'
import { cells, loadTemporary, type Temporary } from './temporary.ts'
import { changedColumns, updateRows } from './update.ts'

/** Deletes the rows that are as they were read. */
export async function deletion(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const columns = layout.map(({ column }) => column)
  const temporary = await loadTemporary(session, target, 'deletes', layout, rows)
  const keyed = keyOf(key, columns, 'a')
  const compared = layout.filter(({ column }) => !column.column.generated)
  const same = sameCells(
    compared.map(({ column }) => column),
    (index) => [cell(compared[index]?.column), `x.${compared[index]?.alias}`],
  )
  const matches = [sameKey(key.map(cell), keyed.aliases), ...(await nullKeys(session, temporary, keyed))]
  const run = async (part = 'true') => {
    let deleted = 0
    for (const match of matches)
      deleted += await session.execute(`
    WITH gone AS (
      DELETE FROM ${target.sql} AS t USING ${temporary.sql} AS x WHERE ${match} AND ${same} AND ${part} RETURNING x.ctid AS place)
    DELETE FROM ${temporary.sql} AS x USING gone WHERE x.ctid = gone.place`)
    return deleted
  }
  return new TableStep(session, { kind: 'delete', temporary, key: keyed, told: keyed, run })
}

/** What finds rows whose key is NULL in part, where there are such: no index does, and a hash of texts can. */
async function nullKeys(session: Session, temporary: Temporary, { columns, aliases }: Key): Promise<readonly string[]> {
  const isNull = columns.flatMap(({ column }, index) => (column.nullable ? [`${aliases[index]} IS NULL`] : [])).join(' OR ')
  if (isNull === '') return []
  const [found] = await session.rows<{ any: boolean }>(`SELECT EXISTS (SELECT FROM ${temporary.sql} AS x WHERE ${isNull}) AS any`)
  const text = (cells: readonly string[]) => `ROW(${cells.join(', ')})::text COLLATE "C"`
  return found?.any ? [`(${isNull}) AND ${text(columns.map(cell))} = ${text(aliases)}`] : []
}

/** Updates the rows that are as they were read. */
export async function updating(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const half = rows.columns.length / 2
  const columns = rows.columns.slice(0, half).map((column) => columnOf(target.relation, column.name))
  const temporary = await loadTemporary(session, target, 'updates', [...cells(columns), ...cells(columns, 'b')], rows)
  const keyed = keyOf(key, columns, 'b')
  const update = { key, columns, temporary: temporary.sql }
  const changed = await changedColumns(session, update)
  const run = async (part?: string) => await updateRows(session, target, { ...update, changed, ...(part === undefined ? {} : { part }) })
  return new TableStep(session, { kind: 'update', temporary, key: keyed, told: keyed, run })
}

/** Inserts the rows that are not there. */
export async function insertion(session: Session, target: Target, key: readonly RelationColumn[], rows: Rows): Promise<TableStep> {
  const layout = cells(rows.columns.map((column) => columnOf(target.relation, column.name)))
  const temporary = await loadTemporary(session, target, 'inserts', layout, rows)
  const columns = layout.map(({ column }) => column)
  const keyed = keyOf(key, columns, 'a')
  const told = key.length > 0 ? keyed : keyOf(columns, columns, 'a')
  const written = layout.filter(({ column }) => !column.column.generated)
  const names = identifiers(written.map(({ column }) => column.column.name))
  const selected = `SELECT ${written.map(({ alias }) => `x.${alias}`).join(', ')} FROM ${temporary.sql} AS x`
  const absence = await absenceOf(session, target, key, keyed.aliases)
  const insert = (part: string) =>
    `INSERT INTO ${target.sql} AS t (${names}) OVERRIDING SYSTEM VALUE ${selected} WHERE ${part} ${absence.where} ${absence.onConflict}`
  const run = async (part?: string) => {
    if (key.length === 0) return await insertAll(session, temporary, insert(part ?? 'true'), part)
    return part === undefined
      ? await insertWhole(session, insert, keyed, temporary)
      : await insertPart(session, insert, keyed, temporary, part)
  }
  return new TableStep(session, { kind: 'insert', temporary, key: keyed, told, run })
}

/** Rows without a key are never there already. */
async function insertAll(session: Session, temporary: Temporary, insert: string, part: string | undefined): Promise<number> {
  const done = await session.execute(insert)
  if (part !== undefined) await session.execute(`DELETE FROM ${temporary.sql} AS x WHERE ${part}`)
  return done
}

/** Some may be there already. Which ones, only a second try tells, because after the first all of them are. */
async function insertWhole(session: Session, insert: (part: string) => string, key: Key, temporary: Temporary): Promise<number> {
  await session.execute('SAVEPOINT inserts')
  const all = await session.execute(insert('true'))
  if (all === temporary.rows) return all
  await session.execute('ROLLBACK TO SAVEPOINT inserts')
  return await insertPart(session, insert, key, temporary)
}

async function insertPart(
  session: Session,
  insert: (part: string) => string,
  key: Key,
  temporary: Temporary,
  part = 'true',
): Promise<number> {
  const returned = key.columns.map((column, index) => `${cell(column)} AS k${index}`).join(', ')
  return await session.execute(`
    WITH arrived AS (${insert(part)} RETURNING ${returned})
    DELETE FROM ${temporary.sql} AS x USING arrived WHERE ${part} AND ${sameKey(
      key.aliases,
      key.columns.map((_, index) => `arrived.k${index}`),
    )}`)
}

interface Absence {
  /** Follows other conditions. */
  readonly where: string
  readonly onConflict: string
}

/** A unique index on the key judges each insert, whoever else writes; without one nobody else may write meanwhile. */
async function absenceOf(session: Session, target: Target, key: readonly RelationColumn[], keyed: readonly string[]): Promise<Absence> {
  if (key.length === 0) return { where: '', onConflict: '' }
  const names = key.map(({ column }) => column.name)
  const judged = target.relation.uniques.some(
    ({ columns, immediate }) => immediate && columns.length === names.length && columns.every((name) => names.includes(name)),
  )
  if (judged && (target.relation.kind === 'r' || target.relation.kind === 'p'))
    return { where: '', onConflict: `ON CONFLICT (${identifiers(names)}) DO NOTHING` }
  if (target.relation.kind !== 'f') await lockAgainstWriters(session, target.relation.name)
  return { where: `AND NOT EXISTS (SELECT FROM ${target.sql} AS t WHERE ${sameKey(key.map(cell), keyed)})`, onConflict: '' }
}

function keyOf(key: readonly RelationColumn[], columns: readonly RelationColumn[], prefix: 'a' | 'b'): Key {
  return { columns: key, aliases: key.map((column) => `x.${prefix}${columns.indexOf(column)}`) }
}

function cell(column: RelationColumn | undefined): string {
  return `t.${identifier(column?.column.name ?? '')}`
}
