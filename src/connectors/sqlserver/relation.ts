import type { Column, KeyFolding, Table, TableRef } from '../../core/table.ts'
import { addressName, type ObjectName, qualified } from './names.ts'
import type { Row } from './request.ts'
import type { Session } from './session.ts'
import { literal } from './sql.ts'
import { declaration, type SystemType } from './system-type.ts'
import { canonicalType, limitsOf } from './types.ts'

/** A column as the contract knows it, and what the SQL about it needs. */
export interface RelationColumn {
  readonly column: Column
  readonly type: SystemType
}

/** A table or view, or the result of a query. */
export interface Relation {
  /** `object_id`; 0 for a query. */
  readonly id: number
  readonly name: ObjectName
  readonly kind: 'table' | 'view' | 'query'
  readonly columns: readonly RelationColumn[]
  readonly key: readonly string[]
  /** Unique indexes over whole columns that cover every row, the primary key's first. */
  readonly uniques: readonly (readonly string[])[]
}

/** @returns the relation as the session sees it now, or `undefined` where it does not exist. */
export async function findRelation(session: Session, name: ObjectName): Promise<Relation | undefined> {
  const [object] = await session.rows<{ readonly id: number; readonly kind: string }>(objectSql, [name.schema, name.name])
  if (!object) return undefined
  const columns = await session.rows<ColumnRow>(columnsSql, [object.id])
  const indexed = await session.rows<IndexRow>(uniquesSql, [object.id])
  return {
    id: object.id,
    name,
    kind: object.kind.trim() === 'V' ? 'view' : 'table',
    columns: columns.map(relationColumn),
    key: columnsOf(indexed.filter(({ is_primary }) => is_primary)),
    uniques: [...Map.groupBy(indexed, ({ id }) => id).values()].map(columnsOf),
  }
}

/** In the words of the contract, without what hangs on it. */
export function toTable(relation: Relation, ref: TableRef): Table {
  const columns = relation.columns.map(({ column }) => column)
  const nullable = new Set(columns.filter((column) => column.nullable).map((column) => column.name))
  return {
    ref,
    kind: relation.kind,
    columns,
    key: relation.key,
    uniques: relation.uniques.filter((unique) => !unique.some((name) => nullable.has(name))),
  }
}

export async function listRelations(
  session: Session,
  defaultSchema: string,
): Promise<readonly { readonly name: string; readonly full: string }[]> {
  const rows = await session.rows<{ readonly schema: string; readonly name: string }>(listSql)
  return rows.map((row) => ({ name: addressName(row, defaultSchema), full: addressName(row, '') }))
}

/** `OBJECT_ID` of a name, as SQL. */
export function objectId(name: ObjectName): string {
  return `OBJECT_ID(${literal(qualified(name))})`
}

function columnsOf(rows: readonly IndexRow[]): readonly string[] {
  return rows.map(({ column_name }) => column_name)
}

/** A column as the catalog tells it; what is left out is so for no column of a query. */
interface ColumnFacts {
  readonly name: string
  readonly type: string
  readonly bytes: number
  readonly precision: number
  readonly scale: number
  readonly collation: string | null
  readonly assembly: boolean | null
  readonly nullable: boolean
  readonly identity?: boolean
  readonly computed?: boolean
  readonly defaulted?: boolean
}

type ColumnRow = ColumnFacts & Row

interface IndexRow {
  readonly [column: string]: unknown
  readonly id: number
  readonly is_primary: boolean
  readonly column_name: string
}

export function relationColumn(row: ColumnFacts): RelationColumn {
  const type: SystemType = {
    name: row.type,
    bytes: row.bytes,
    precision: row.precision,
    scale: row.scale,
    collation: row.collation ?? undefined,
    assembly: row.assembly === true,
  }
  const generated = row.computed === true || row.type === 'timestamp'
  const folding = foldingOf(type)
  const column: Column = {
    name: row.name,
    type: canonicalType(type),
    nullable: row.nullable,
    native: { system: 'sqlserver', name: declaration(type) },
    ...(generated ? { generated } : {}),
    ...(row.identity === true ? { identity: 'always' as const } : {}),
    ...(row.defaulted === true || row.identity === true || generated ? { defaulted: true } : {}),
    ...(folding === undefined ? {} : { folding }),
    ...limitsOf(canonicalType(type), type.name),
  }
  return { column, type }
}

/**
 * How the server takes two texts as one: SQL Server ignores trailing spaces in every collation, and case in those named so
 * ("Collation and Unicode support", SQL Server's documentation).
 */
function foldingOf({ name, collation }: SystemType): KeyFolding | undefined {
  if (collation === undefined) return undefined
  const cased = !/_CI(_|$)/i.test(collation)
  return { ...(cased ? {} : { case: 'unicode' as const }), pad: true, ...(name === 'char' || name === 'nchar' ? {} : { kept: true }) }
}

/** Case differs in databases whose collation ignores it: a name has to be as it was created. */
const objectSql = `
SELECT o.object_id AS id, o.type AS kind
  FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
 WHERE s.name = @p0 COLLATE Latin1_General_BIN2 AND o.name = @p1 COLLATE Latin1_General_BIN2 AND o.type IN ('U', 'V')`

/** A type of users is an alias of a system type (\`CREATE TYPE … FROM\`), or one of an assembly. */
const columnsSql = `
SELECT c.name, COALESCE(b.name, u.name) AS type, c.max_length AS bytes, c.precision, c.scale, c.collation_name AS collation,
       CONVERT(bit, COALESCE(b.is_assembly_type, u.is_assembly_type, 0)) AS assembly, c.is_nullable AS nullable, c.is_identity AS [identity],
       c.is_computed AS computed, CONVERT(bit, CASE WHEN c.default_object_id <> 0 THEN 1 ELSE 0 END) AS defaulted
  FROM sys.columns AS c
  JOIN sys.types AS u ON u.user_type_id = c.user_type_id
  LEFT JOIN sys.types AS b ON b.user_type_id = u.system_type_id AND u.is_user_defined = 1 AND u.is_assembly_type = 0
 WHERE c.object_id = @p0
 ORDER BY c.column_id`

const uniquesSql = `
SELECT i.index_id AS id, i.is_primary_key AS is_primary, c.name AS column_name
  FROM sys.indexes AS i
  JOIN sys.index_columns AS k ON k.object_id = i.object_id AND k.index_id = i.index_id AND k.is_included_column = 0
  JOIN sys.columns AS c ON c.object_id = k.object_id AND c.column_id = k.column_id
 WHERE i.object_id = @p0 AND i.is_unique = 1 AND i.is_disabled = 0 AND i.has_filter = 0
 ORDER BY i.is_primary_key DESC, i.index_id, k.key_ordinal`

const listSql = `
SELECT s.name AS [schema], o.name
  FROM sys.objects AS o JOIN sys.schemas AS s ON s.schema_id = o.schema_id
 WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA') AND o.name NOT LIKE N'[_]syncline[_]%'`
