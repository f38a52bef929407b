import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import { sameCells, sameKey, targetCell } from './cells.ts'
import { findDependents } from './dependents.ts'
import { asNotDirect } from './load.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifiers } from './sql.ts'
import { columnOf, type Target } from './target.ts'
import { type Cell, cells, copyTemporary, loadTemporary, type Temporary, type TemporaryKey } from './temporary.ts'
import { updateRows } from './update.ts'

/**
 * Makes a table that keeps its place hold exactly these rows, in one transaction: rows that stay are not touched, those that
 * differ are updated, and only those that are gone are deleted.
 * @returns how many rows arrived.
 * @throws NotDirectError where one was refused.
 */
export async function mergeRows(session: Session, target: Target, columns: readonly RelationColumn[], rows: Rows): Promise<number> {
  return await mergeBy(session, target, columns, async (layout, key) => await loadTemporary(session, 'rows', layout, key, rows))
}

/** The same with the rows of a table that was made as the target. */
export async function mergeTable(session: Session, target: Target, columns: readonly RelationColumn[], from: string): Promise<number> {
  return await mergeBy(session, target, columns, async (layout, key) => await copyTemporary(session, 'rows', layout, key, from))
}

async function mergeBy(
  session: Session,
  target: Target,
  columns: readonly RelationColumn[],
  fill: (layout: readonly Cell[], key: TemporaryKey) => Promise<Temporary>,
): Promise<number> {
  const layout = cells(columns)
  const key = uniqueKey(target, columns)
  const keyed = key.map((column) => layout[columns.indexOf(column)]).filter((cell) => cell !== undefined)
  const temporary = await fill(layout, { cells: keyed, unique: true })
  const merge: Merge = { session, target, layout, temporary: temporary.sql }
  try {
    if (key.length > 0) await mergeByKey(merge, key, keyed)
    else await exchangeRows(merge)
  } catch (error) {
    throw asNotDirect(error)
  }
  return temporary.rows
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
  return keys.find((key) => key.every((column) => columns.includes(column) && !column.column.nullable)) ?? []
}

async function mergeByKey(
  { session, target, layout, temporary }: Merge,
  key: readonly RelationColumn[],
  keyed: readonly Cell[],
): Promise<void> {
  const match = sameKey(
    key.map(targetCell),
    keyed.map(({ alias }) => `x.${alias}`),
  )
  const compared = layout.filter(({ column }) => !column.column.generated)
  const same = sameCells(
    compared.map(({ column }) => column),
    (index) => [targetCell(compared[index]?.column ?? missing()), `x.${compared[index]?.alias}`],
  )
  await session.rows(`SELECT count(*) FROM (SELECT 1 FROM ${target.sql} AS t FOR UPDATE) AS locked`)
  await session.execute(`DELETE t FROM ${target.sql} AS t LEFT JOIN ${temporary} AS x ON ${match} WHERE x.n IS NULL`)
  await session.execute(`UPDATE ${temporary} AS x JOIN ${target.sql} AS t ON ${match} SET x.matched = IF(${same}, 1, 2)`)
  const columns = layout.map(({ column }) => column)
  await updateRows(session, target, { columns, key, match, temporary, meant: 'x.matched = 2' })
  await session.execute(`${insertInto(target, layout)} FROM ${temporary} AS x WHERE x.matched = 0`)
}

/** Without a key nothing tells rows apart, so all go and come, which the rows that hang on them would not survive. */
async function exchangeRows({ session, target, layout, temporary }: Merge): Promise<void> {
  const { cascades, triggers } = await findDependents(session, target.relation)
  if (cascades.length + triggers.length > 0) {
    throw new RunError({
      code: 'NO_KEY',
      message: `${target.relation.name.database}.${target.relation.name.name} has no primary key, and ${[...cascades, ...triggers].join(', ')} would act on rows that stay`,
      hint: 'give the table a primary key',
    })
  }
  await session.execute(`DELETE FROM ${target.sql}`)
  await session.execute(`${insertInto(target, layout)} FROM ${temporary} AS x`)
}

export function insertInto({ sql }: Target, layout: readonly Cell[]): string {
  const written = layout.filter(({ column }) => !column.column.generated)
  const names = identifiers(written.map(({ column }) => column.column.name))
  return `INSERT INTO ${sql} (${names}) SELECT ${written.map(({ alias }) => `x.${alias}`).join(', ')}`
}

function missing(): never {
  throw new RunError({ code: 'COLUMN_MISMATCH', message: 'a column vanished while rows were merged' })
}
