import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'

/** An index, or a key constraint, as far as it can be made anew; others keep a table from being swapped. */
export interface Index {
  readonly name: string
  /** A constraint's name was made up by the server. */
  readonly unnamed: boolean
  readonly constraint: 'PRIMARY KEY' | 'UNIQUE' | undefined
  readonly unique: boolean
  readonly clustered: boolean
  readonly columns: readonly { readonly name: string; readonly descending: boolean }[]
  readonly included: readonly string[]
}

export async function findIndexes(session: Session, id: number): Promise<readonly Index[]> {
  const rows = await session.rows<IndexRow>(indexesSql, [id])
  return [...Map.groupBy(rows, (row) => row.index_id).values()].flatMap((parts) => {
    const [first] = parts
    if (!first) return []
    const keys = parts.filter(({ is_included }) => !is_included)
    return [
      {
        name: first.index_name,
        unnamed: first.is_named !== true,
        constraint: first.is_primary ? ('PRIMARY KEY' as const) : first.is_constraint ? ('UNIQUE' as const) : undefined,
        unique: first.is_unique_index,
        clustered: first.index_type === 1,
        columns: keys.map(({ column_name, is_descending }) => ({ name: column_name, descending: is_descending })),
        included: parts.filter(({ is_included }) => is_included).map(({ column_name }) => column_name),
      },
    ]
  })
}

/** The statement that makes the index on another table; a constraint gets the name that is given, or one of the server's. */
export function indexSql(
  table: string,
  { name, constraint, unique, clustered, columns, included }: Index,
  constraintName?: string,
): string {
  const kind = clustered ? 'CLUSTERED' : 'NONCLUSTERED'
  const keys = columns.map((column) => `${identifier(column.name)}${column.descending ? ' DESC' : ''}`).join(', ')
  if (constraint) {
    const named = constraintName === undefined ? '' : `CONSTRAINT ${identifier(constraintName)} `
    return `ALTER TABLE ${table} ADD ${named}${constraint} ${kind} (${keys})`
  }
  const include = included.length === 0 ? '' : ` INCLUDE (${identifiers(included)})`
  return `CREATE ${unique ? 'UNIQUE ' : ''}${kind} INDEX ${identifier(name)} ON ${table} (${keys})${include}`
}

interface IndexRow {
  readonly [column: string]: unknown
  readonly index_id: number
  readonly index_name: string
  readonly index_type: number
  readonly is_primary: boolean
  readonly is_constraint: boolean
  readonly is_unique_index: boolean
  readonly is_named: boolean | null
  readonly column_name: string
  readonly is_descending: boolean
  readonly is_included: boolean
}

/** The clustered one first: the others would be built twice. */
const indexesSql = `
SELECT i.index_id, i.name AS index_name, CONVERT(int, i.type) AS index_type, i.is_primary_key AS is_primary, i.is_unique_constraint AS is_constraint,
       i.is_unique AS is_unique_index, CONVERT(bit, CASE WHEN k.is_system_named = 0 THEN 1 ELSE 0 END) AS is_named,
       c.name AS column_name, CONVERT(bit, COALESCE(p.is_descending_key, 0)) AS is_descending, CONVERT(bit, COALESCE(p.is_included_column, 0)) AS is_included
  FROM sys.indexes AS i
  JOIN sys.index_columns AS p ON p.object_id = i.object_id AND p.index_id = i.index_id
  JOIN sys.columns AS c ON c.object_id = p.object_id AND c.column_id = p.column_id
  LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id AND k.name = i.name
 WHERE i.object_id = @p0 AND i.type IN (1, 2)
 ORDER BY CASE WHEN i.type = 1 THEN 0 ELSE 1 END, i.index_id, p.is_included_column, p.key_ordinal, p.index_column_id`
