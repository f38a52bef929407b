import type { Reference } from '../../core/table.ts'
import { withQualifiedNames } from './relation.ts'
import type { Session } from './session.ts'

/** The foreign keys of a table, without those that a partition has from its parent. */
export async function findReferences(session: Session, oid: number): Promise<readonly Reference[]> {
  const rows = await withQualifiedNames(session, async () => await session.rows<ReferenceRow>(sql, [oid]))
  return rows.map(({ self, deferrable, ...reference }) => ({
    ...reference,
    ...(self ? { self } : {}),
    judged: deferrable ? 'commit' : 'statement',
  }))
}

interface ReferenceRow {
  readonly name: string
  readonly columns: readonly string[]
  readonly table: string
  readonly foreignColumns: readonly string[]
  readonly self: boolean
  readonly deferrable: boolean
}

/** The name is the one that `dependents.ts` gives. */
const sql = `
SELECT f.conrelid::regclass || '.' || quote_ident(f.conname) AS name, f.confrelid::regclass::text AS table,
       f.conrelid = f.confrelid AS self, f.condeferrable AS deferrable,
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.conkey) WITH ORDINALITY k(attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.attnum) AS columns,
       (SELECT array_agg(a.attname::text ORDER BY k.n) FROM unnest(f.confkey) WITH ORDINALITY k(attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.attnum) AS "foreignColumns"
  FROM pg_catalog.pg_constraint f
 WHERE f.contype = 'f' AND f.conrelid = $1 AND f.conparentid = 0
 ORDER BY 1`
