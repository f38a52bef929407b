import { RunError } from '../../core/errors.ts'
import { formatName } from '../../core/names.ts'
import type { Keep, Kept } from '../connector.ts'
import { tooLarge } from '../sql/reserved.ts'
import type { Connections } from './connections.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'
import { identifiers, literal } from './sql.ts'
import type { Target } from './target.ts'

/** What would become of a target's rows if they were kept: known before anything is done, by how much room they take. */
export async function fits(session: Session, { relation: { name } }: Target, keep: Keep): Promise<Kept> {
  const [[size] = []] = await session.rows(
    `SELECT DATA_LENGTH FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(name.database)} AND TABLE_NAME = ${literal(name.name)}`,
  )
  const bytes = Number(size ?? 0)
  return bytes > keep.bytes ? tooLarge(bytes, keep) : { table: { name: formatName([name.database, keep.name]) }, bytes }
}

/**
 * Copies the rows of a table that keeps its place and is about to be changed: the table at once, its rows with the commit.
 * @returns whether the user may.
 */
export async function copyFormer(
  { session, ddl }: { readonly session: Session; readonly ddl: Session },
  { relation, sql }: Target,
  place: RelationName,
): Promise<boolean> {
  try {
    await ddl.execute(`CREATE TABLE ${qualified(place)} LIKE ${sql}`)
  } catch (error) {
    if (error instanceof RunError && error.code === 'PERMISSION_DENIED') return false
    throw error
  }
  const names = identifiers(relation.columns.filter(({ column }) => !column.generated).map(({ column }) => column.name))
  await session.rows(`SELECT count(*) FROM (SELECT 1 FROM ${sql} AS t FOR UPDATE) AS locked`)
  await session.execute(`INSERT INTO ${qualified(place)} (${names}) SELECT ${names} FROM ${sql}`)
  return true
}

/** Drops what was kept in a database under names that begin with `stem`, but for those that stay. */
export async function dropKept(
  connections: Connections,
  { database }: RelationName,
  stem: string,
  staying: ReadonlySet<string>,
): Promise<void> {
  await using session = await connections.open()
  const tables = await session.rows(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(database)} AND LEFT(TABLE_NAME, ${stem.length}) = ${literal(stem)}`,
  )
  for (const [name] of tables)
    if (name && !staying.has(name)) await session.execute(`DROP TABLE IF EXISTS ${qualified({ database, name })}`)
}
