import type { Column, Dependents, KeyFolding, Reference, Table, TableRef } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { matchesPattern } from '../sql/pattern.ts'
import { isReserved } from '../sql/reserved.ts'
import { refName, type TableName, tableName } from './names.ts'
import { columnOf } from './types.ts'
import type { Work } from './work.ts'

/** Tables and views, in name order; DuckDB's and Syncline's own are hidden. */
export async function listTables(work: Work, pattern?: string): Promise<readonly TableRef[]> {
  const rows = await work.texts(`
    SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal AND NOT temporary AND database_name = current_database()
    UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal AND NOT temporary AND database_name = current_database()`)
  return rows
    .filter(([, table]) => !isReserved(table ?? ''))
    .map(([schema, table]) => refName({ schema: schema ?? '', table: table ?? '' }))
    .filter((name) => matchesPattern(name, pattern))
    .sort()
    .map((name) => ({ name }))
}

/** Columns, key and what hangs on one table or view; `undefined` where there is none of exactly that name. */
export async function describeTable(work: Work, ref: TableRef): Promise<Table | undefined> {
  const name = tableName(ref)
  const [table] = await work.texts(`SELECT sql, estimated_size::VARCHAR FROM duckdb_tables() WHERE ${isNamed(name, 'table_name')}`)
  const [view] = table ? [] : await work.texts(`SELECT 'view' FROM duckdb_views() WHERE ${isNamed(name, 'view_name')}`)
  if (!table && !view) return undefined
  const columns = await describeColumns(work, name, table?.[0] ?? '')
  if (!table) return { ref, kind: 'view', columns, key: [], uniques: [] }
  const sets = await uniqueSets(work, name)
  const notNull = new Set(columns.filter((column) => !column.nullable).map((column) => column.name))
  return {
    ref,
    kind: 'table',
    columns,
    key: sets.find((set) => set.primary)?.columns ?? [],
    uniques: sets.map((set) => set.columns).filter((set) => set.every((column) => notNull.has(column))),
    rows: Number(table[1]),
    dependents: await dependents(work, name),
    references: await references(work, name),
  }
}

/** The columns of a query, with the types that DuckDB gives its result. */
export async function queryColumns(work: Work, query: string): Promise<readonly Column[]> {
  const rows = await work.texts(`SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${subquery(query)})`)
  return rows.map(([name, type]) => columnOf(name ?? '', type ?? '', true))
}

/** A line of its own for the bracket, because a query may end in a comment. */
export function subquery(query: string): string {
  return `(${query.replace(/;\s*$/, '')}\n)`
}

function isNamed({ schema, table }: TableName, column: string): string {
  return `database_name = current_database() AND schema_name = ${literal(schema)} AND ${column} = ${literal(table)}`
}

async function describeColumns(work: Work, name: TableName, sql: string): Promise<readonly Column[]> {
  const rows = await work.texts(
    `SELECT column_name, data_type, is_nullable::VARCHAR, (column_default IS NOT NULL)::VARCHAR FROM duckdb_columns() WHERE ${isNamed(name, 'table_name')} ORDER BY column_index`,
  )
  return rows.map(([column, type, nullable, defaulted]) => ({
    ...columnOf(column ?? '', type ?? '', nullable === 'true'),
    ...(defaulted === 'true' ? { defaulted: true } : {}),
    ...declaredFacts(column ?? '', type ?? '', sql),
  }))
}

/** What the catalog tells in the table's own statement alone: computed columns, and texts that are compared without case. */
function declaredFacts(column: string, type: string, sql: string): { readonly generated?: true; readonly folding?: KeyFolding } {
  const [, rest = ''] = [column, identifier(column)].map((name) => sql.split(`${name} ${type} `)).find((parts) => parts.length > 1) ?? []
  if (rest.startsWith('GENERATED ALWAYS')) return { generated: true }
  return /^COLLATE "?nocase/i.test(rest) ? { folding: { case: 'unicode' } } : {}
}

interface UniqueSet {
  readonly primary: boolean
  readonly columns: readonly string[]
}

/** Constraints, the primary key first, and unique indexes on columns alone. */
async function uniqueSets(work: Work, name: TableName): Promise<readonly UniqueSet[]> {
  const constraints = await work.texts(
    `SELECT constraint_type, to_json(constraint_column_names)::VARCHAR FROM duckdb_constraints() WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND ${isNamed(name, 'table_name')} ORDER BY constraint_type`,
  )
  return constraints.map(([type, columns]) => ({ primary: type === 'PRIMARY KEY', columns: JSON.parse(columns ?? '[]') as string[] }))
}

/** DuckDB has no triggers, and its foreign keys never act by themselves. */
async function dependents(work: Work, name: TableName): Promise<Dependents> {
  const references = await work.texts(
    `SELECT table_name || '.' || constraint_name FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY' AND database_name = current_database() AND schema_name = ${literal(name.schema)} AND referenced_table = ${literal(name.table)} ORDER BY 1`,
  )
  const views = await work.texts(
    `SELECT view_name FROM duckdb_views() WHERE NOT internal AND contains(lower(sql), lower(${literal(name.table)})) ORDER BY 1`,
  )
  const firsts = (rows: readonly (readonly (string | null)[])[]) => rows.map(([first]) => first ?? '')
  return { views: firsts(views), referencedBy: firsts(references), cascades: [], triggers: [], others: [] }
}

/** DuckDB judges each row as it is written, also those that this transaction has changed already. */
async function references(work: Work, name: TableName): Promise<readonly Reference[]> {
  const rows = await work.texts(
    `SELECT table_name || '.' || constraint_name, referenced_table, to_json(constraint_column_names)::VARCHAR, to_json(referenced_column_names)::VARCHAR FROM duckdb_constraints() WHERE constraint_type = 'FOREIGN KEY' AND ${isNamed(name, 'table_name')} ORDER BY 1`,
  )
  return rows.map(([constraint, table, columns, foreign]) => ({
    name: constraint ?? '',
    columns: JSON.parse(columns ?? '[]') as string[],
    table: table ?? '',
    foreignColumns: JSON.parse(foreign ?? '[]') as string[],
    ...(table === name.table ? { self: true } : {}),
    judged: 'row' as const,
  }))
}
