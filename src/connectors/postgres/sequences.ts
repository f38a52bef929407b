import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

/**
 * Moves the sequences that fill a table's columns past the values that were written into them, so that the next row which
 * others insert does not meet one of ours. They are never moved back; where this user may not move them, they stay.
 */
export async function advanceSequences(session: Session, { sql }: Target): Promise<void> {
  const owned = await session.rows<Sequence>(ownedSql, [sql])
  for (const { column, sequence, most } of owned) {
    const highest = `max(t.${identifier(column)})`
    const next = `(SELECT CASE WHEN s.is_called THEN s.last_value ELSE s.last_value - 1 END FROM ${sequence} AS s)`
    await session.rows(
      `SELECT pg_catalog.setval($1::regclass, ${highest}::bigint) FROM ${sql} AS t HAVING ${highest} > ${next} AND ${highest} <= ${most}`,
      [sequence],
    )
  }
}

interface Sequence {
  readonly column: string
  /** In SQL, quoted. */
  readonly sequence: string
  readonly most: string
}

/** Sequences that count upwards, of serial and identity columns. */
const ownedSql = `
SELECT a.attname AS column, format('%I.%I', n.nspname, c.relname) AS sequence, q.seqmax::text AS most
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_sequence q ON q.seqrelid = c.oid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE d.refobjid = $1::regclass AND d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
   AND d.deptype IN ('a', 'i') AND q.seqincrement > 0 AND NOT q.seqcycle
   AND pg_catalog.has_sequence_privilege(c.oid, 'UPDATE') AND pg_catalog.has_sequence_privilege(c.oid, 'SELECT')`
