import { formatName } from '../../core/names.ts'
import type { TableRef } from '../../core/table.ts'
import type { Keep, Kept } from '../connector.ts'
import { mayNotCreate, tooLarge } from '../sql/reserved.ts'
import type { Connections } from './connections.ts'
import { qualified, type RelationName } from './names.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

/** What would become of a target's rows if they were kept: known before anything is done, by how much room they take. */
export async function fits(session: Session, { relation }: Target, keep: Keep): Promise<Kept> {
  const [row] = await session.rows<{ bytes: number }>('SELECT pg_catalog.pg_table_size($1::oid)::float8 AS bytes', [relation.oid])
  const bytes = row?.bytes ?? 0
  return bytes > keep.bytes ? tooLarge(bytes, keep) : { table: refOf(placeOf(relation.name, keep.name)), bytes }
}

/** Gives a table that another one takes the place of its name among those that are kept; its indexes go, their names are wanted. */
export async function keepFormer(
  session: Session,
  { relation, sql }: Target,
  { name }: Keep,
  indexes: readonly { readonly name: string; readonly constraint: boolean }[],
): Promise<void> {
  for (const index of indexes) {
    if (index.constraint) await session.execute(`ALTER TABLE ${sql} DROP CONSTRAINT ${identifier(index.name)}`)
    else await session.execute(`DROP INDEX ${qualified({ schema: relation.name.schema, name: index.name })}`)
  }
  await session.execute(`ALTER TABLE ${sql} RENAME TO ${identifier(name)}`)
}

/** Copies the rows of a table that keeps its place and is about to be changed. */
export async function copyFormer(session: Session, target: Target, keep: Keep): Promise<Kept> {
  const [right] = await session.rows<{ creates: boolean }>("SELECT pg_catalog.has_schema_privilege($1, 'CREATE') AS creates", [
    target.relation.name.schema,
  ])
  if (!right?.creates) return mayNotCreate
  const kept = await fits(session, target, keep)
  if ('none' in kept) return kept
  await session.execute(`CREATE TABLE ${qualified(placeOf(target.relation.name, keep.name))} AS SELECT * FROM ${target.sql}`)
  return kept
}

/** Drops what was kept in a schema under names that begin with `stem`, but for those that stay. */
export async function dropKept(
  connections: Connections,
  { schema }: RelationName,
  stem: string,
  staying: ReadonlySet<string>,
): Promise<void> {
  await using session = await connections.open()
  const tables = await session.rows<{ name: string }>(
    `SELECT c.relname AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relkind = 'r' AND starts_with(c.relname, $2)`,
    [schema, stem],
  )
  for (const { name } of tables) if (!staying.has(name)) await session.execute(`DROP TABLE IF EXISTS ${qualified({ schema, name })}`)
}

function placeOf({ schema }: RelationName, name: string): RelationName {
  return { schema, name }
}

function refOf({ schema, name }: RelationName): TableRef {
  return { name: formatName([schema, name]) }
}
