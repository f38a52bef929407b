import type { Dependents } from '../../core/table.ts'
import type { Session } from './session.ts'

/** What hangs on a table and would not follow it through a swap, and what acts when its rows change (rules 14, 19). */
export async function findDependents(session: Session, id: number): Promise<Dependents> {
  const [may] = await session.rows<{ readonly dependencies: number | null; readonly definitions: number | null }>(permissionsSql)
  const rows = await session.rows<DependentRow>(may?.dependencies === 1 ? `${dependentsSql}\nUNION ${usersSql}` : dependentsSql, [id])
  const named = (kind: DependentRow['kind']) =>
    rows
      .filter((row) => row.kind === kind)
      .map((row) => row.name)
      .sort()
  return {
    views: named('view'),
    referencedBy: [...named('reference'), ...named('cascade')].sort(),
    cascades: named('cascade'),
    triggers: named('trigger'),
    others: [...named('other'), ...(may?.definitions === 1 ? [] : ['what this login may not see'])],
  }
}

interface DependentRow {
  readonly [column: string]: unknown
  readonly kind: 'view' | 'reference' | 'cascade' | 'trigger' | 'other'
  readonly name: string
}

/** Who lacks these sees only part of what there is. */
const permissionsSql = `
SELECT HAS_PERMS_BY_NAME(N'sys.sql_expression_dependencies', N'OBJECT', N'SELECT') AS dependencies,
       CASE WHEN IS_SRVROLEMEMBER('sysadmin') = 1 OR HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DEFINITION') = 1 THEN 1 ELSE 0 END AS definitions`

/** `SELECT *` of a view is expanded once, and a view or function bound to the schema forbids the swap: any of them counts. */
const usersSql = `
SELECT CASE WHEN o.type = 'V' THEN 'view' ELSE 'other' END,
       CASE WHEN o.type = 'V' THEN N'' ELSE N'used by ' END + SCHEMA_NAME(o.schema_id) + N'.' + o.name
  FROM sys.sql_expression_dependencies AS d JOIN sys.objects AS o ON o.object_id = d.referencing_id
 WHERE d.referenced_id = @p0 AND d.referencing_id <> @p0 AND o.type NOT IN ('TR', 'D', 'C')`

const references = `
SELECT CASE WHEN f.delete_referential_action <> 0 OR f.update_referential_action <> 0 THEN 'cascade' ELSE 'reference' END,
       SCHEMA_NAME(t.schema_id) + N'.' + t.name + N'.' + f.name
  FROM sys.foreign_keys AS f JOIN sys.tables AS t ON t.object_id = f.parent_object_id
 WHERE f.referenced_object_id = @p0 AND f.parent_object_id <> @p0`

const triggers = `SELECT 'trigger', name FROM sys.triggers WHERE parent_id = @p0`

/** The catalog knows nothing of what dynamic SQL names, so every text that mentions the table counts. */
const mentions = `
SELECT CASE WHEN o.type = 'V' THEN 'view' ELSE 'other' END AS kind,
       CASE WHEN o.type = 'V' THEN N'' ELSE N'mentioned by ' END + SCHEMA_NAME(o.schema_id) + N'.' + o.name AS name
  FROM sys.sql_modules AS m JOIN sys.objects AS o ON o.object_id = m.object_id
 WHERE CHARINDEX(OBJECT_NAME(@p0), m.definition) > 0 AND o.parent_object_id <> @p0`

/** What a new table would be without. */
const belongings = `
SELECT 'other', N'foreign key ' + name FROM sys.foreign_keys WHERE parent_object_id = @p0
UNION ALL SELECT 'other', N'check ' + name FROM sys.check_constraints WHERE parent_object_id = @p0
UNION ALL SELECT 'other', N'computed column ' + name FROM sys.computed_columns WHERE object_id = @p0
UNION ALL SELECT 'other', N'rowversion ' + name FROM sys.columns WHERE object_id = @p0 AND TYPE_NAME(system_type_id) = 'timestamp'
UNION ALL SELECT 'other', N'grants' WHERE EXISTS (SELECT 1 FROM sys.database_permissions WHERE class = 1 AND major_id = @p0)
UNION ALL SELECT 'other', N'extended properties' WHERE EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND major_id = @p0)`

const settings = `
SELECT 'other', N'table settings' FROM sys.tables
 WHERE object_id = @p0 AND (temporal_type <> 0 OR is_memory_optimized = 1 OR is_tracked_by_cdc = 1 OR is_replicated = 1 OR is_published = 1
    OR lock_escalation <> 0)
UNION ALL SELECT 'other', N'change tracking' FROM sys.change_tracking_tables WHERE object_id = @p0
UNION ALL SELECT 'other', N'full-text index' FROM sys.fulltext_indexes WHERE object_id = @p0
UNION ALL SELECT 'other', N'compression or partitions' WHERE EXISTS (
            SELECT 1 FROM sys.partitions WHERE object_id = @p0 AND (data_compression <> 0 OR partition_number > 1))
UNION ALL SELECT 'other', N'index ' + name FROM sys.indexes
           WHERE object_id = @p0 AND (type NOT IN (0, 1, 2) OR has_filter = 1 OR is_disabled = 1 OR fill_factor NOT IN (0, 100) OR is_padded = 1 OR ignore_dup_key = 1
              OR allow_row_locks = 0 OR allow_page_locks = 0)
UNION ALL SELECT 'other', N'statistics' WHERE EXISTS (SELECT 1 FROM sys.stats WHERE object_id = @p0 AND user_created = 1)
UNION ALL SELECT 'other', N'column settings' WHERE EXISTS (
            SELECT 1 FROM sys.columns
             WHERE object_id = @p0 AND (is_sparse = 1 OR is_rowguidcol = 1 OR is_masked = 1 OR is_ansi_padded = 0 AND TYPE_NAME(system_type_id) IN ('char', 'varchar', 'binary', 'varbinary')
                OR generated_always_type <> 0 OR rule_object_id <> 0 OR xml_collection_id <> 0
                OR user_type_id <> system_type_id AND TYPE_NAME(user_type_id) NOT IN ('sysname', 'hierarchyid', 'geography', 'geometry')))`

const dependentsSql = [mentions, references, triggers, belongings, settings].join('\nUNION ALL ')
