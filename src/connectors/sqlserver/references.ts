import type { Reference } from '../../core/table.ts'
import type { Session } from './session.ts'

/** The foreign keys of a table that are in force, judged at the end of each statement. */
export async function findReferences(session: Session, id: number): Promise<readonly Reference[]> {
  const rows = await session.rows<ReferenceRow>(referencesSql, [id])
  return [...Map.groupBy(rows, ({ name }) => name).values()].flatMap((pairs) => {
    const [first] = pairs
    if (!first) return []
    return [
      {
        name: first.name,
        columns: pairs.map(({ column_name }) => column_name),
        table: first.foreign_table,
        foreignColumns: pairs.map(({ foreign_column }) => foreign_column),
        ...(first.is_self ? { self: true } : {}),
        judged: 'statement' as const,
      },
    ]
  })
}

interface ReferenceRow {
  readonly [column: string]: unknown
  readonly name: string
  readonly column_name: string
  readonly foreign_table: string
  readonly foreign_column: string
  readonly is_self: boolean
}

/** The name is the one that `dependents.ts` gives. */
const referencesSql = `
SELECT SCHEMA_NAME(t.schema_id) + N'.' + t.name + N'.' + f.name AS name, c.name AS column_name,
       SCHEMA_NAME(r.schema_id) + N'.' + r.name AS foreign_table, p.name AS foreign_column,
       CONVERT(bit, CASE WHEN f.referenced_object_id = f.parent_object_id THEN 1 ELSE 0 END) AS is_self
  FROM sys.foreign_keys AS f
  JOIN sys.tables AS t ON t.object_id = f.parent_object_id
  JOIN sys.tables AS r ON r.object_id = f.referenced_object_id
  JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
  JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
  JOIN sys.columns AS p ON p.object_id = k.referenced_object_id AND p.column_id = k.referenced_column_id
 WHERE f.parent_object_id = @p0 AND f.is_disabled = 0
 ORDER BY f.name, k.constraint_column_id`
