import type { Dependents } from '../../core/table.ts'
import { withQualifiedNames } from './relation.ts'
import type { Session } from './session.ts'

/** What hangs on a table and would not follow it through a swap, and what acts when its rows change (rules 14, 19). */
export async function findDependents(session: Session, oid: number): Promise<Dependents> {
  const rows = await withQualifiedNames(session, async () => await session.rows<DependentRow>(sql, [oid]))
  const named = (kind: DependentRow['kind']) => rows.filter((row) => row.kind === kind).map((row) => row.name)
  return {
    views: named('view'),
    referencedBy: [...named('reference'), ...named('cascade')].sort(),
    cascades: named('cascade'),
    triggers: named('trigger'),
    others: named('other'),
  }
}

interface DependentRow {
  readonly kind: 'view' | 'reference' | 'cascade' | 'trigger' | 'other'
  readonly name: string
}

/** Views and rules use a table through its columns or its row type; both count. */
const views = `
SELECT DISTINCT 'view', v.oid::regclass::text
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
  JOIN pg_catalog.pg_class v ON v.oid = w.ev_class
 WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND v.oid <> c.oid
   AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
     OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (c.reltype, y.typarray))`

/** Deferred or not, a foreign key with an action deletes or changes its own rows when ours go. */
const references = `
SELECT CASE WHEN f.confdeltype IN ('c', 'n', 'd') OR f.confupdtype IN ('c', 'n', 'd') THEN 'cascade' ELSE 'reference' END,
       f.conrelid::regclass || '.' || quote_ident(f.conname)
  FROM pg_catalog.pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid AND f.conrelid <> c.oid AND f.conparentid = 0`

const triggers = `SELECT 'trigger', quote_ident(t.tgname) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal`

const constraints = `
SELECT 'other', 'foreign key ' || quote_ident(f.conname) FROM pg_catalog.pg_constraint f WHERE f.conrelid = c.oid AND f.contype = 'f'
UNION ALL SELECT 'other', 'statistics ' || quote_ident(s.stxname) FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = c.oid`

const rights = `
SELECT 'other', 'grants' WHERE c.relacl IS NOT NULL
   OR EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped)
UNION ALL SELECT 'other', 'owner ' || quote_ident(r.rolname) FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner AND r.rolname <> current_user
UNION ALL SELECT 'other', 'row security' WHERE c.relrowsecurity OR c.relforcerowsecurity
UNION ALL SELECT 'other', 'policy ' || quote_ident(p.polname) FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid
UNION ALL SELECT 'other', 'security label' FROM pg_catalog.pg_seclabel l
           WHERE l.classoid = 'pg_catalog.pg_class'::regclass AND l.objoid = c.oid`

const belongings = `
SELECT 'other', 'sequence ' || d.objid::regclass FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.deptype IN ('a', 'i')
UNION ALL SELECT 'other', 'rule ' || quote_ident(w.rulename) FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid AND w.rulename <> '_RETURN'
UNION ALL SELECT 'other', 'publication ' || quote_ident(b.pubname) FROM pg_catalog.pg_publication b JOIN pg_catalog.pg_publication_rel p ON p.prpubid = b.oid
           WHERE p.prrelid = c.oid
UNION ALL SELECT 'other', 'comment' FROM pg_catalog.pg_description k
           WHERE k.classoid = 'pg_catalog.pg_class'::regclass AND k.objsubid = 0
             AND (k.objoid = c.oid OR k.objoid IN (SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = c.oid))
              OR k.classoid = 'pg_catalog.pg_constraint'::regclass AND k.objoid IN (SELECT oid FROM pg_catalog.pg_constraint WHERE conrelid = c.oid)`

const family = `
SELECT 'other', 'partition of ' || i.inhparent::regclass FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND c.relispartition
UNION ALL SELECT 'other', 'inherits from ' || i.inhparent::regclass FROM pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND NOT c.relispartition
UNION ALL SELECT 'other', 'child ' || i.inhrelid::regclass FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid
UNION ALL SELECT 'other', 'type of ' || c.reloftype::regtype WHERE c.reloftype <> 0`

/** Whatever else names the table or its row type: functions, columns of other tables, defaults elsewhere. */
const users = `
SELECT DISTINCT 'other', 'used by ' || pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
  FROM pg_catalog.pg_depend d
 WHERE d.deptype = 'n' AND d.classid NOT IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_constraint'::regclass, 'pg_catalog.pg_trigger'::regclass,
         'pg_catalog.pg_policy'::regclass, 'pg_catalog.pg_publication_rel'::regclass, 'pg_catalog.pg_statistic_ext'::regclass)
   AND (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid
     OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (c.reltype, y.typarray))
   AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND (d.objid = c.oid OR EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = d.objid AND i.inhparent = c.oid)))
   AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 AND EXISTS (SELECT FROM pg_catalog.pg_class q WHERE q.oid = d.objid AND q.relkind IN ('S', 'i', 'I')))
   AND NOT (d.classid = 'pg_catalog.pg_attrdef'::regclass AND EXISTS (SELECT FROM pg_catalog.pg_attrdef q WHERE q.oid = d.objid AND q.adrelid = c.oid))`

/** What a new table would be without: settings that LIKE does not copy. */
const settings = `
SELECT 'other', 'storage parameters' WHERE c.reloptions IS NOT NULL
   OR EXISTS (SELECT FROM pg_catalog.pg_class o WHERE o.oid = c.reltoastrelid AND o.reloptions IS NOT NULL)
   OR EXISTS (SELECT FROM pg_catalog.pg_constraint u JOIN pg_catalog.pg_class o ON o.oid = u.conindid
               WHERE u.conrelid = c.oid AND u.contype IN ('p', 'u', 'x') AND o.reloptions IS NOT NULL)
UNION ALL SELECT 'other', 'column settings' WHERE EXISTS (
            SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND (coalesce(a.attstattarget, -1) <> -1
                 OR EXISTS (SELECT FROM pg_catalog.pg_options_to_table(a.attoptions) o WHERE o.option_name IN ('n_distinct', 'n_distinct_inherited'))))
UNION ALL SELECT 'other', 'unlogged' WHERE c.relpersistence <> 'p'
UNION ALL SELECT 'other', 'replica identity' WHERE c.relreplident NOT IN ('d', 'n')
UNION ALL SELECT 'other', 'access method' FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'
UNION ALL SELECT 'other', 'tablespace' WHERE c.reltablespace <> 0
   OR EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class o ON o.oid = i.indexrelid WHERE i.indrelid = c.oid AND o.reltablespace <> 0)
UNION ALL SELECT 'other', 'cluster order' WHERE EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND (i.indisclustered OR NOT i.indisvalid))`

const parts = [views, references, triggers, constraints, rights, belongings, family, users, settings]

const sql = `
SELECT x.kind, x.name
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_type y ON y.oid = c.reltype
 CROSS JOIN LATERAL (${parts.map((part) => `(${part})`).join('\nUNION ALL\n')}) x(kind, name)
 WHERE c.oid = $1
 ORDER BY 1, 2`
