import { RunError } from '../../core/errors.ts'
import { beforeImage, keyCondition, type Update } from './before-image.ts'
import { sameCell } from './cells.ts'
import { parkUniqueValues } from './park.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

/**
 * Changes the rows whose before images hold. PostgreSQL judges a unique index after each row, so that two rows cannot swap
 * values in one statement: where that happens, such values are first moved out of each other's way.
 * @param update with the columns that change anywhere, where they are known.
 * @returns how many rows were changed.
 */
export async function updateRows(
  session: Session,
  target: Target,
  update: Update & { readonly changed?: ReadonlySet<RelationColumn> },
): Promise<number> {
  const changed = update.changed ?? (await changedColumns(session, update))
  await session.execute('SAVEPOINT updates')
  try {
    return await session.execute(updateSql(target, update, changed, beforeImage(update)))
  } catch (error) {
    if (!(error instanceof RunError) || error.code !== 'NOT_UNIQUE') throw error
    await session.execute('ROLLBACK TO SAVEPOINT updates')
    await parkUniqueValues(session, target, { ...update, changed })
    return await session.execute(updateSql(target, update, changed, `(x.parked OR ${beforeImage(update)})`))
  }
}

/** Only columns that change anywhere are set: others' triggers on the rest shall not run. */
export async function changedColumns(session: Session, { columns, temporary }: Update): Promise<ReadonlySet<RelationColumn>> {
  const written = columns.filter(({ column }) => !column.generated)
  const differs = columns.map((column, index) => `bool_or(NOT (${sameCell(column, `x.a${index}`, `x.b${index}`)}))`)
  const [row] = await session.rows<{ differs: readonly boolean[] }>(`SELECT ARRAY[${differs.join(', ')}] AS differs FROM ${temporary} AS x`)
  const changed = written.filter((column) => row?.differs[columns.indexOf(column)])
  return new Set(changed.length > 0 ? changed : written.filter(({ column }) => column.identity !== 'always'))
}

function updateSql(target: Target, update: Update, changed: ReadonlySet<RelationColumn>, condition: string): string {
  const set = update.columns.flatMap((column, index) => (changed.has(column) ? [`${identifier(column.column.name)} = x.a${index}`] : []))
  return `
    WITH done AS (
      UPDATE ${target.sql} AS t SET ${set.join(', ')} FROM ${update.temporary} AS x
       WHERE ${keyCondition(update)} AND ${condition} RETURNING x.ctid AS place)
    DELETE FROM ${update.temporary} AS x USING done WHERE x.ctid = done.place`
}
