import type { Rows } from '../../core/rows.ts'
import { sameCells, sameKey } from './cells.ts'
import { asNotDirect } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'
import { columnOf, type Target } from './target.ts'
import { type Cell, cells, copyTemporary, createTemporary, loadTemporary } from './temporary.ts'
import { updateRows } from './update.ts'

/**
 * Makes a table that keeps its place hold exactly these rows, in one transaction: rows that stay are not touched, those that
 * differ are updated, and only those that are gone are deleted. Nobody else may write meanwhile.
 * @returns how many rows arrived.
 * @throws NotDirectError where one was refused.
 */
export async function mergeRows(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  const layout = cells(columns)
  const temporary = await loadTemporary(session, target, 'rows', layout, rows)
  await mergeTemporary({ session, target, layout, temporary: temporary.sql })
  return temporary.rows
}

/** The same with the rows of a table that was made as the target. */
export async function mergeTable(session: Session, target: Target, columns: readonly RelationColumn[], from: string): Promise<number> {
  const layout = cells(columns)
  const temporary = await copyTemporary(session, target, 'rows', layout, from)
  await mergeTemporary({ session, target, layout, temporary: temporary.sql })
  return temporary.rows
}

async function mergeTemporary(merge: Merge): Promise<void> {
  const key = uniqueKey(
    merge.target,
    merge.layout.map(({ column }) => column),
  )
  try {
    if (key.length > 0) await mergeByKey(merge, key)
    else await mergeWholeRows(merge)
  } catch (error) {
    throw asNotDirect(error)
  }
}

interface Merge {
  readonly session: Session
  readonly target: Target
  readonly layout: readonly Cell[]
  /** In SQL. */
  readonly temporary: string
}

/** A key that the table itself holds unique and not NULL, and that arrives with the rows. */
function uniqueKey({ relation }: Target, columns: readonly RelationColumn[]): readonly RelationColumn[] {
  const keys = relation.uniques.map((index) => index.columns.map((name) => columnOf(relation, name)))
  const usable = (column: RelationColumn) => columns.includes(column) && !column.column.nullable && !column.looseCollation
  return keys.find((key) => key.every(usable)) ?? []
}

async function mergeByKey({ session, target, layout, temporary }: Merge, key: readonly RelationColumn[]): Promise<void> {
  const columns = layout.map(({ column }) => column)
  const keyed = key.map((column) => `a${columns.indexOf(column)}`)
  const match = sameKey(
    key.map(cell),
    keyed.map((alias) => `x.${alias}`),
  )
  await session.execute(`CREATE UNIQUE INDEX ON ${temporary} (${keyed.join(', ')})`)
  await session.execute(`DELETE FROM ${target.sql} AS t WHERE NOT EXISTS (SELECT FROM ${temporary} AS x WHERE ${match})`)
  await updateChanged({ session, target, layout, temporary }, key, match)
  await session.execute(
    `${insertInto(target, layout)} FROM ${temporary} AS x WHERE NOT EXISTS (SELECT FROM ${target.sql} AS t WHERE ${match})`,
  )
}

async function updateChanged({ session, target, layout, temporary }: Merge, key: readonly RelationColumn[], match: string): Promise<void> {
  const columns = layout.map(({ column }) => column)
  const compared = layout.filter(({ column }) => !column.column.generated)
  const same = sameCells(
    compared.map(({ column }) => column),
    (index) => [cell(compared[index]?.column), `x.${compared[index]?.alias}`],
  )
  const updates = await createTemporary(session, target, 'updates', [...layout, ...cells(columns, 'b')])
  const changed = await session.execute(
    `INSERT INTO ${updates} SELECT ${layout.map(({ alias }) => `x.${alias}`).join(', ')}, ${columns.map(cell).join(', ')}
       FROM ${temporary} AS x JOIN ${target.sql} AS t ON ${match} WHERE NOT (${same})`,
  )
  if (changed === 0) return
  await session.execute(`ANALYZE ${updates}`)
  await updateRows(session, target, { key, columns, temporary: updates })
}

/** Without a key rows are known by all their cells; of equal ones there shall be as many as arrived. */
async function mergeWholeRows({ session, target, layout, temporary }: Merge): Promise<void> {
  const compared = layout.filter(({ column }) => !column.column.generated)
  const there = `ROW(${compared.map(({ column }) => cell(column)).join(', ')})::text COLLATE "C"`
  const arrived = `ROW(${compared.map(({ alias }) => `x.${alias}`).join(', ')})::text COLLATE "C"`
  await session.execute(`
    WITH wanted AS (SELECT ${arrived} AS r, count(*) AS n FROM ${temporary} AS x GROUP BY 1),
         have AS (SELECT t.tableoid AS part, t.ctid AS place, ${there} AS r, row_number() OVER (PARTITION BY ${there}) AS n FROM ${target.sql} AS t)
    DELETE FROM ${target.sql} AS t USING have LEFT JOIN wanted ON wanted.r = have.r
     WHERE t.ctid = have.place AND t.tableoid = have.part AND have.n > coalesce(wanted.n, 0)`)
  await session.execute(`
    WITH have AS (SELECT ${there} AS r, count(*) AS n FROM ${target.sql} AS t GROUP BY 1),
         wanted AS (SELECT x.ctid AS place, ${arrived} AS r, row_number() OVER (PARTITION BY ${arrived}) AS n FROM ${temporary} AS x)
    ${insertInto(target, layout)} FROM ${temporary} AS x JOIN wanted ON wanted.place = x.ctid LEFT JOIN have ON have.r = wanted.r
     WHERE wanted.n > coalesce(have.n, 0)`)
}

function insertInto({ sql }: Target, layout: readonly Cell[]): string {
  const written = layout.filter(({ column }) => !column.column.generated)
  const names = identifiers(written.map(({ column }) => column.column.name))
  return `INSERT INTO ${sql} (${names}) OVERRIDING SYSTEM VALUE SELECT ${written.map(({ alias }) => `x.${alias}`).join(', ')}`
}

function cell(column: RelationColumn | undefined): string {
  return `t.${identifier(column?.column.name ?? '')}`
}
