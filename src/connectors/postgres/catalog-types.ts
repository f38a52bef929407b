import type { NativeType } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import type { Session } from './session.ts'
import { requiredTypes } from './type-definitions.ts'
import { canonicalType } from './types.ts'

/** A type as columns have it: `numeric(12,2)` is OID 1700 with its typmod. */
export interface TypeReference {
  readonly oid: number
  /** -1 where none is declared. */
  readonly typmod: number
}

/** What the catalog says about a type. */
export interface CatalogType {
  readonly type: Type
  readonly native: NativeType
  /** The type beneath domains. */
  readonly base: TypeReference
  /** Its name without arguments, in SQL: what `native` rounds or cuts, this one keeps. */
  readonly unconstrained: string
  readonly name: string
  /** Whether its binary form means the same in another database: no OIDs of that one database within. */
  readonly portable: boolean
  /** Whether `=` tells apart all that its texts tell apart. */
  readonly exactEquality: boolean
  /** Whether a domain forbids NULL. */
  readonly notNull: boolean
}

/** The types in the order they were asked for. Their names are qualified, for which the search path has to be empty. */
export async function catalogTypes(session: Session, references: readonly TypeReference[]): Promise<readonly CatalogType[]> {
  const rows = await session.rows<TypeRow>(typesSql, [references.map(({ oid }) => oid), references.map(({ typmod }) => typmod)])
  const required = await requiredTypes(
    session,
    references.map(({ oid }) => oid),
  )
  return rows.map((row) => {
    const requires = required(row.oid)
    return {
      type: canonicalType(row.base, row.typmod, row.name),
      native: { system: 'postgres', name: row.native, ...(requires.length > 0 ? { requires } : {}) },
      base: { oid: row.base, typmod: row.typmod },
      unconstrained: row.unconstrained,
      name: row.name,
      portable: row.portable,
      exactEquality: row.enumerated || exact.has(row.base) || (row.base === 1700 && row.typmod >= 0),
      notNull: row.notNull,
    }
  })
}

interface TypeRow {
  readonly oid: number
  readonly native: string
  readonly base: number
  readonly typmod: number
  readonly unconstrained: string
  readonly name: string
  readonly portable: boolean
  readonly enumerated: boolean
  readonly notNull: boolean
}

/** bool, bytea, int8, int2, int4, text, oid, bpchar, varchar, date, time, timestamp, timestamptz, uuid. */
const exact: ReadonlySet<number> = new Set([16, 17, 20, 21, 23, 25, 26, 1042, 1043, 1082, 1083, 1114, 1184, 2950])

/**
 * Not portable are composite types, arrays of types that a user made (their binary form names OIDs), and the `reg…` types,
 * whose binary form is an OID where their text is a name.
 */
const typesSql = `
WITH RECURSIVE wanted AS (
  SELECT oid, typmod, n FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS w(oid, typmod, n)
), beneath AS (
  SELECT n, oid, typmod, false AS not_null FROM wanted
  UNION ALL
  SELECT b.n, t.typbasetype, t.typtypmod, b.not_null OR t.typnotnull
    FROM beneath b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd'
)
SELECT w.oid, pg_catalog.format_type(w.oid, w.typmod) AS native, b.oid AS base, b.typmod,
       pg_catalog.format_type(b.oid, -1) AS unconstrained, t.typname AS name, t.typtype = 'e' AS enumerated, b.not_null AS "notNull",
       t.typsend <> 0 AND t.typreceive <> 0 AND t.typtype IN ('b', 'e', 'r', 'm')
         AND (t.typnamespace <> 'pg_catalog'::regnamespace OR coalesce(e.typname, t.typname) !~ '^reg')
         AND (e.oid IS NULL OR e.oid < 16384 AND e.typtype <> 'c') AS portable
  FROM wanted w
  JOIN beneath b ON b.n = w.n
  JOIN pg_catalog.pg_type t ON t.oid = b.oid AND t.typtype <> 'd'
  LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
 ORDER BY w.n`
