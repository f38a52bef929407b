import { qualified, type RelationName } from './names.ts'
import { withQualifiedNames } from './relation.ts'
import type { Session } from './session.ts'

/** Makes an empty table like another one, without its keys and indexes. */
export async function createAlike(session: Session, name: RelationName, made: RelationName): Promise<void> {
  await session.execute(`CREATE TABLE ${qualified(made)} (LIKE ${qualified(name)} INCLUDING ALL EXCLUDING INDEXES)`)
}

/** Whether a table that was made like another one would be made so now: that one may have been altered since. */
export async function isAlike(session: Session, name: RelationName, beside: RelationName): Promise<boolean> {
  const made = newOf(beside)
  await createAlike(session, name, made)
  const alike = (await besideShape(session, beside)) === (await besideShape(session, made))
  await session.execute(`DROP TABLE ${qualified(made)}`)
  return alike
}

/** Beside what lies beside, to compare with. */
export function newOf({ schema, name }: RelationName): RelationName {
  return { schema, name: `${name}_new` }
}

/** Everything that LIKE makes of a table, as a text: two tables that were made alike have the same. */
export async function besideShape(session: Session, name: RelationName): Promise<string> {
  const rows = await withQualifiedNames(session, async () => await session.rows(shapeSql, [qualified(name)]))
  return JSON.stringify(rows)
}

const shapeSql = `
SELECT 'column' AS kind, a.attname::text AS name,
       concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation,
                 a.attstorage, a.attcompression, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                 pg_catalog.col_description(a.attrelid, a.attnum)) AS definition
  FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'check', conname, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'
UNION ALL
SELECT 'statistics', '', concat_ws(' ', stxkeys, stxkind) FROM pg_catalog.pg_statistic_ext WHERE stxrelid = $1::regclass
 ORDER BY 1, 2, 3`
