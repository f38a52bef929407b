import type { TypeDefinition } from '../../core/table.ts'
import type { Session } from './session.ts'

/**
 * What has to exist before columns of some types can: the enums, domains, composite and range types that users made, and
 * the extensions that bring types, each after what it needs itself.
 * @returns the definitions for one of the types asked about.
 */
export async function requiredTypes(session: Session, oids: readonly number[]): Promise<(oid: number) => readonly TypeDefinition[]> {
  const rows = oids.some((oid) => oid >= firstUserOid) ? await session.rows<DefinitionRow>(definitionsSql, [oids]) : []
  const byOid = new Map(rows.map((row) => [row.oid, row]))
  return (oid) => {
    const found = new Map<string, TypeDefinition>()
    collect(oid, byOid, new Set(), found)
    return [...found.values()]
  }
}

/** Lower OIDs are the same in every database (`FirstNormalObjectId`). */
const firstUserOid = 16_384

interface DefinitionRow {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** Null for what comes with something else: arrays with their elements, multiranges with their ranges. */
  readonly sql: string | null
  readonly needs: readonly number[]
}

/** Depth first, so that what is needed comes before what needs it. */
function collect(oid: number, rows: ReadonlyMap<number, DefinitionRow>, seen: Set<number>, found: Map<string, TypeDefinition>): void {
  const row = rows.get(oid)
  if (!row || seen.has(oid)) return
  seen.add(oid)
  for (const needed of row.needs) collect(needed, rows, seen, found)
  if (row.sql !== null) found.set(row.sql, { name: [row.schema, row.name], sql: row.sql })
}

const extension = `
  SELECT x.extname, x.extnamespace FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid
   WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'`

const needs = `
  SELECT t.typelem AS oid WHERE t.typelem <> 0 AND t.typcategory = 'A'
  UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
  UNION ALL SELECT a.atttypid FROM pg_catalog.pg_attribute a
             WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid
  UNION ALL SELECT r.rngtypid FROM pg_catalog.pg_range r WHERE r.rngmultitypid = t.oid`

const enumSql = `
  SELECT format('CREATE TYPE %I.%I AS ENUM (%s)', s.nspname, t.typname, coalesce(string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder), ''))
    FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid`

const collation = (oid: string, standard: string) => `
  coalesce((SELECT format(' COLLATE %I.%I', n.nspname, c.collname) FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
             WHERE c.oid = ${oid} AND c.oid IS DISTINCT FROM ${standard}), '')`

const domainSql = `
  format('CREATE DOMAIN %I.%I AS %s%s%s%s%s', s.nspname, t.typname, pg_catalog.format_type(t.typbasetype, t.typtypmod),
    ${collation('t.typcollation', '(SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype)')},
    coalesce(' DEFAULT ' || t.typdefault, ''), CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END,
    coalesce((SELECT string_agg(format(' CONSTRAINT %I %s', c.conname, pg_catalog.pg_get_constraintdef(c.oid)), '' ORDER BY c.conname)
                FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'), ''))`

const compositeSql = `
  SELECT format('CREATE TYPE %I.%I AS (%s)', s.nspname, t.typname, coalesce(string_agg(
           format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod))
             || ${collation('a.attcollation', '(SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = a.atttypid)')},
           ', ' ORDER BY a.attnum), ''))
    FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped`

/** Functions that a range names (canonical, difference) are kept where they are built in: a user's own would have to exist before. */
const rangeSql = `
  SELECT format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s, SUBTYPE_OPCLASS = %I.%I%s%s, MULTIRANGE_TYPE_NAME = %I.%I)',
           s.nspname, t.typname, pg_catalog.format_type(r.rngsubtype, NULL), ons.nspname, o.opcname,
           ${collation('r.rngcollation', '0').replace("' COLLATE %I.%I'", "', COLLATION = %I.%I'")},
           CASE WHEN r.rngsubdiff::oid BETWEEN 1 AND ${firstUserOid - 1} THEN ', SUBTYPE_DIFF = ' || r.rngsubdiff ELSE '' END, mns.nspname, m.typname)
    FROM pg_catalog.pg_range r
    JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc JOIN pg_catalog.pg_namespace ons ON ons.oid = o.opcnamespace
    JOIN pg_catalog.pg_type m ON m.oid = r.rngmultitypid JOIN pg_catalog.pg_namespace mns ON mns.oid = m.typnamespace
   WHERE r.rngtypid = t.oid`

const definitionsSql = `
WITH RECURSIVE used(oid) AS (
  SELECT unnest($1::oid[])
  UNION
  SELECT n.oid FROM used u JOIN pg_catalog.pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (${needs}) n
)
SELECT t.oid, s.nspname AS schema, t.typname AS name,
       CASE WHEN x.extname IS NOT NULL THEN format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', x.extname, s.nspname)
            WHEN t.typtype = 'e' THEN (${enumSql})
            WHEN t.typtype = 'd' THEN ${domainSql}
            WHEN t.typtype = 'c' THEN (${compositeSql})
            WHEN t.typtype = 'r' THEN (${rangeSql})
       END AS sql,
       coalesce((SELECT array_agg(n.oid) FROM (${needs}) n), '{}'::oid[]) AS needs
  FROM used u
  JOIN pg_catalog.pg_type t ON t.oid = u.oid
  JOIN pg_catalog.pg_namespace s ON s.oid = t.typnamespace
  LEFT JOIN LATERAL (${extension}) x ON true
 WHERE t.oid >= ${firstUserOid} AND s.nspname NOT IN ('pg_catalog', 'information_schema')`
