import type { Column, Table } from '../../core/table.ts'
import { qualified, type RelationName } from './names.ts'
import type { Relation } from './relation.ts'
import { exactCollation, type Server } from './server.ts'
import type { Session } from './session.ts'
import { identifier, identifiers, literal } from './sql.ts'
import { adopt, isCollated } from './types.ts'

/**
 * Creates the table, and its database where that is not there.
 * @param place where it is created; its statements name it as it will be called.
 */
export async function createTable(
  session: Session,
  name: RelationName,
  place: RelationName,
  { columns, key }: Table,
): Promise<readonly string[]> {
  const own = columns.map((column) => adopt(column, session.server))
  const definitions = own.map((column) =>
    key.includes(column.name)
      ? keyDefinition({ ...column, nullable: false }, own, key, session.server)
      : columnDefinition(column, session.server),
  )
  const parts = [...definitions, ...(key.length === 0 ? [] : [`PRIMARY KEY (${identifiers(key)})`])]
  const create = (table: RelationName) =>
    `CREATE TABLE ${qualified(table)} (${parts.join(', ')}) ENGINE = InnoDB CHARSET utf8mb4 COLLATE ${exactCollation(session.server)}`
  const database = await missingDatabase(session, name.database)
  for (const statement of [...database, create(place)]) await session.execute(statement)
  return [...database, create(name)]
}

/** Adds the columns that the table lacks; they are NULL in the rows that are there. @returns the statements. */
export async function addColumns(session: Session, relation: Relation, columns: readonly Column[]): Promise<readonly string[]> {
  const missing = columns.filter(({ name }) => !relation.columns.some(({ column }) => column.name === name))
  if (missing.length === 0) return []
  const added = missing.map(
    (column) => `ADD COLUMN ${columnDefinition({ ...adopt(column, session.server), nullable: true }, session.server)}`,
  )
  const statement = `ALTER TABLE ${qualified(relation.name)} ${added.join(', ')}`
  await session.execute(statement)
  return [statement]
}

/**
 * A column as DDL writes it. NULL is spelled out, because a `timestamp` without it may become NOT NULL.
 * @param roomy whether a text may be held outside its row, of which all columns share 65,535 bytes.
 */
export function columnDefinition({ name, native, nullable }: Column, server: Server, roomy = false): string {
  const declared = native?.name ?? 'longtext'
  const type = roomy ? declared.replace(/^(var)?char\(\d+\)/, 'longtext').replace(/^varbinary\(\d+\)/, 'longblob') : declared
  const collation = isCollated(type) && !type.includes(' COLLATE ') ? ` COLLATE ${exactCollation(server)}` : ''
  return `${identifier(name)} ${type}${collation} ${nullable ? 'NULL' : 'NOT NULL'}`
}

/** An index holds 3,072 bytes of a row: texts without a length get as many characters of them as there are. */
function keyDefinition(column: Column, columns: readonly Column[], key: readonly string[], server: Server): string {
  const declared = column.native?.name ?? ''
  const open = columns.filter(({ name, native }) => key.includes(name) && isOpen(native?.name ?? ''))
  if (!isOpen(declared)) return columnDefinition(column, server)
  const bytes = Math.floor(2_800 / open.length)
  const type = /blob/.test(declared)
    ? `varbinary(${bytes})`
    : declared.replace(/^(long|medium|tiny)?text/, `varchar(${Math.floor(bytes / 4)})`)
  return columnDefinition({ ...column, native: { system: 'mysql', name: type } }, server)
}

function isOpen(declared: string): boolean {
  return /^(long|medium|tiny)?(text|blob)\b/.test(declared)
}

async function missingDatabase(session: Session, database: string): Promise<readonly string[]> {
  const [there] = await session.rows(`SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ${literal(database)}`)
  return there ? [] : [`CREATE DATABASE ${identifier(database)} CHARSET utf8mb4`]
}
