import type { Column, Table, TypeDefinition } from '../../core/table.ts'
import { qualified, type RelationName } from './names.ts'
import type { Relation } from './relation.ts'
import type { Session } from './session.ts'
import { identifier, identifiers } from './sql.ts'
import { adopt } from './types.ts'

/** A table that was created without its key, because an index is built faster after the rows than with them. */
export interface CreatedTable {
  readonly statements: readonly string[]
  /** Adds the key; absent where there is none. */
  readonly addKey?: string
}

/** Creates the table, its schema and the types it needs, as far as they are not there. */
export async function createTable(session: Session, name: RelationName, { columns, key }: Table): Promise<CreatedTable> {
  const own = columns.map((column) => ({ ...adopt(column), nullable: column.nullable && !key.includes(column.name) }))
  const statements = [...(await missingSchema(session, name.schema)), ...(await missingTypes(session, own))]
  statements.push(`CREATE TABLE ${qualified(name)} (${own.map(columnDefinition).join(', ')})`)
  for (const statement of statements) await session.execute(statement)
  return { statements, ...(key.length > 0 ? { addKey: `ALTER TABLE ${qualified(name)} ADD PRIMARY KEY (${identifiers(key)})` } : {}) }
}

/** Adds the columns that the table lacks; they are NULL in the rows that are there. @returns the statements. */
export async function addColumns(session: Session, relation: Relation, columns: readonly Column[]): Promise<readonly string[]> {
  const missing = columns.filter(({ name }) => !relation.columns.some(({ column }) => column.name === name)).map(adopt)
  if (missing.length === 0) return []
  const added = missing.map((column) => `ADD COLUMN ${columnDefinition({ ...column, nullable: true })}`)
  const statements = [...(await missingTypes(session, missing)), `ALTER TABLE ${qualified(relation.name)} ${added.join(', ')}`]
  for (const statement of statements) await session.execute(statement)
  return statements
}

function columnDefinition({ name, native, nullable }: Column): string {
  return `${identifier(name)} ${native?.name ?? 'text'}${nullable ? '' : ' NOT NULL'}`
}

async function missingTypes(session: Session, columns: readonly Column[]): Promise<string[]> {
  const required = new Map<string, TypeDefinition>()
  for (const column of columns) for (const definition of column.native?.requires ?? []) required.set(definition.sql, definition)
  const statements = new Set<string>()
  for (const { name, sql } of required.values()) {
    const [schema = '', type = ''] = name
    const [there] = await session.rows(typeSql, [schema, type])
    if (there) continue
    for (const statement of await missingSchema(session, schema)) statements.add(statement)
    statements.add(sql)
  }
  return [...statements]
}

const typeSql = `
SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname = $1 AND t.typname = $2`

async function missingSchema(session: Session, schema: string): Promise<string[]> {
  const [there] = await session.rows('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema])
  return there ? [] : [`CREATE SCHEMA ${identifier(schema)}`]
}
