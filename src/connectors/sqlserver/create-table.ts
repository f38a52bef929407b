import type { Column, Table } from '../../core/table.ts'
import { type ObjectName, qualified } from './names.ts'
import type { Relation } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'
import { adopt } from './types.ts'

/** Creates the table and its schema, as far as they are not there. @returns the statements. */
export async function createTable(session: Session, name: ObjectName, { columns, key }: Table): Promise<readonly string[]> {
  const statements = [...(await missingSchema(session, name.schema)), createTableSql(name, columns, key)]
  for (const statement of statements) await session.execute(statement)
  return statements
}

export function createTableSql(name: ObjectName, columns: readonly Column[], key: readonly string[]): string {
  const own = columns.map((column) => ({ ...adopt(column), nullable: column.nullable && !key.includes(column.name) }))
  const keyed = own.filter((column) => key.includes(column.name))
  const definitions = own.map((column) => columnDefinition(column, key.includes(column.name) ? keyType(column, keyed) : nativeOf(column)))
  const primary = key.length === 0 ? [] : [`PRIMARY KEY ${keySize(keyed) > clusteredBytes ? 'NONCLUSTERED ' : ''}(${identifiers(key)})`]
  return `CREATE TABLE ${qualified(name)} (${[...definitions, ...primary].join(', ')})`
}

/** Adds the columns that the table lacks; they are NULL in the rows that are there. @returns the statements. */
export async function addColumns(session: Session, relation: Relation, columns: readonly Column[]): Promise<readonly string[]> {
  const missing = columns.filter(({ name }) => !relation.columns.some(({ column }) => column.name === name)).map(adopt)
  const statements = missing.map((column) => addColumnSql(relation.name, column))
  for (const statement of statements) await session.execute(statement)
  return statements
}

export function addColumnSql(name: ObjectName, column: Column): string {
  return `ALTER TABLE ${qualified(name)} ADD ${columnDefinition({ ...column, nullable: true }, nativeOf(column))}`
}

/** NULL is said too: what a column is that says nothing depends on settings. */
function columnDefinition({ name, nullable }: Column, type: string): string {
  return `${identifier(name)} ${type} ${nullable ? 'NULL' : 'NOT NULL'}`
}

function nativeOf(column: Column): string {
  return column.native?.name ?? 'nvarchar(max)'
}

/** Bytes that an index of either kind holds ("Maximum capacity specifications for SQL Server"). */
const clusteredBytes = 900
const nonclusteredBytes = 1_700

/** Texts and bytes of any length cannot be in an index: they share what the other columns of the key leave. */
function keyType(column: Column, keyed: readonly Column[]): string {
  const unbounded = keyed.filter(isUnbounded)
  if (!unbounded.includes(column)) return nativeOf(column)
  const room = Math.floor((nonclusteredBytes - keySize(keyed.filter((one) => !isUnbounded(one)))) / unbounded.length)
  const bytes = Math.max(2, unbounded.length === keyed.length ? Math.min(room, clusteredBytes) : room)
  return column.type.kind === 'bytes' ? `varbinary(${bytes})` : `nvarchar(${Math.floor(bytes / 2)})`
}

function isUnbounded(column: Column): boolean {
  return /\(max\)/.test(nativeOf(column))
}

function keySize(keyed: readonly Column[]): number {
  return keyed.reduce(
    (sum, { type }) => sum + (type.kind === 'text' ? 2 * (type.length ?? 0) : type.kind === 'bytes' ? (type.length ?? 0) : 17),
    0,
  )
}

async function missingSchema(session: Session, schema: string): Promise<readonly string[]> {
  const [there] = await session.rows('SELECT 1 AS there FROM sys.schemas WHERE name = @p0', [schema])
  return there ? [] : [`CREATE SCHEMA ${identifier(schema)}`]
}
