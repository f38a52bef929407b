import type { Rows } from '../../core/rows.ts'
import type { Keep, Replaced } from '../connector.ts'
import { createAlike } from './beside-shape.ts'
import { fits, keepFormer } from './former.ts'
import { asNotDirect, load } from './load.ts'
import { qualified, type RelationName } from './names.ts'
import { type RelationColumn, withQualifiedNames } from './relation.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

/**
 * Loads a table beside the target and puts it in its place, with the same defaults, checks, keys and indexes under the same
 * names. Readers see the old table until the transaction commits; they wait only from the swap on, which is at its end.
 * @returns how many rows it took, and what became of the table that was there.
 * @throws NotDirectError where one was refused.
 */
export async function swapTable(
  session: Session,
  target: Target,
  columns: readonly RelationColumn[],
  rows: Rows,
  keep?: Keep,
): Promise<Pick<Replaced, 'rows' | 'kept'>> {
  const { name, oid } = target.relation
  const beside = { schema: name.schema, name: `_syncline_load_${oid}` }
  await createAlike(session, name, beside)
  const taken = await load(session, { table: qualified(beside), columns: columns.map(({ column }) => column), fresh: true }, rows)
  return { rows: taken, ...(await takePlace(session, target, beside, keep)) }
}

/**
 * Puts a table that was made as the target, and holds its rows, in the target's place.
 * @throws NotDirectError where a key or an index refuses a row.
 */
export async function takePlace(session: Session, target: Target, beside: RelationName, keep?: Keep): Promise<Pick<Replaced, 'kept'>> {
  const { name, oid } = target.relation
  const indexes = await withQualifiedNames(session, async () => await session.rows<Index>(indexesSql, [oid, qualified(beside)]))
  try {
    for (const index of indexes) await session.execute(index.create)
  } catch (error) {
    throw asNotDirect(error)
  }
  await session.execute(`ANALYZE ${qualified(beside)}`)
  const kept = keep && (await fits(session, target, keep))
  if (keep && kept && 'table' in kept) await keepFormer(session, target, keep, indexes)
  else await session.execute(`DROP TABLE ${target.sql}`)
  await session.execute(`ALTER TABLE ${qualified(beside)} RENAME TO ${identifier(name.name)}`)
  for (const index of indexes)
    await session.execute(`ALTER INDEX ${qualified({ schema: name.schema, name: index.beside })} RENAME TO ${identifier(index.name)}`)
  return kept ? { kept } : {}
}

interface Index {
  readonly name: string
  readonly beside: string
  readonly constraint: boolean
  /** Makes the same index, or the constraint that it belongs to, on the table beside, under the name beside. */
  readonly create: string
}

/** An index's definition begins with its name and its table's, both of which are exchanged. Renaming it renames its constraint. */
const indexesSql = `
SELECT o.relname AS name, '_syncline_index_' || o.oid AS beside, k.oid IS NOT NULL AS constraint,
       CASE WHEN k.oid IS NOT NULL
            THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s', $2::text, '_syncline_index_' || o.oid, pg_catalog.pg_get_constraintdef(k.oid))
            ELSE format('CREATE %sINDEX %I ON %s %s', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, '_syncline_index_' || o.oid, $2::text,
                        substr(pg_catalog.pg_get_indexdef(i.indexrelid),
                               length(format('CREATE %sINDEX %I ON %I.%I ', CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, o.relname, n.nspname, c.relname)) + 1))
       END AS create
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class o ON o.oid = i.indexrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
 WHERE i.indrelid = $1
 ORDER BY i.indisprimary DESC, i.indexrelid`
