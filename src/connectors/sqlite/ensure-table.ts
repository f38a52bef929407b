import type { DatabaseSync } from 'node:sqlite'
import { ConfigError, RunError } from '../../core/errors.ts'
import type { Column, Table } from '../../core/table.ts'
import { quoteName, quoteNames } from '../sql/quote.ts'
import { select } from './connection.ts'
import { describeTable, tableName } from './describe.ts'
import { declaredType } from './types.ts'

/** Creates the table, or adds the columns that it lacks. @returns the statements that were run. */
export function ensureTable(database: DatabaseSync, table: Table): readonly string[] {
  const existing = describeTable(database, table.ref)
  if (existing?.kind === 'view') throw viewError(table)
  const statements = existing ? addedColumns(existing, table) : [createTable(database, table)]
  for (const statement of statements) database.exec(statement)
  return statements
}

function createTable(database: DatabaseSync, table: Table): string {
  const name = tableName(table.ref)
  const [other] = select(database, 'SELECT name FROM sqlite_schema WHERE name = ? COLLATE NOCASE', name)
  if (other) {
    throw new ConfigError({
      code: 'NAME_TAKEN',
      message: `\`${name}\` cannot be created: SQLite takes it for \`${other[0]}\`, which exists`,
      hint: 'use the name in its own case',
    })
  }
  const columns = table.columns.map((column) => `${columnSql(column, table)}`)
  const key = table.key.length === 0 || rowidAlias(table) ? [] : [`PRIMARY KEY (${quoteNames(table.key)})`]
  return `CREATE TABLE ${quoteName(name)} (${[...columns, ...key].join(', ')})`
}

/** A single key column that is declared as exactly INTEGER becomes the table's rowid, which needs no index of its own. */
function rowidAlias(table: Table): Column | undefined {
  const column = table.columns.find(({ name }) => name === table.key[0])
  return table.key.length === 1 && column && declaredType(column).toUpperCase() === 'INTEGER' ? column : undefined
}

function columnSql(column: Column, table: Table): string {
  if (column === rowidAlias(table)) return `${quoteName(column.name)} INTEGER PRIMARY KEY NOT NULL`
  const declared = declaredType(column)
  const notNull = !column.nullable || table.key.includes(column.name)
  return `${quoteName(column.name)}${declared === '' ? '' : ` ${declared}`}${notNull ? ' NOT NULL' : ''}`
}

/** SQLite adds columns that are not null only with a default, which nobody gave: they are added nullable. */
function addedColumns(existing: Table, table: Table): readonly string[] {
  const known = new Set(existing.columns.map((column) => column.name.toLowerCase()))
  return table.columns
    .filter((column) => !column.generated && !known.has(column.name.toLowerCase()))
    .map(
      (column) => `ALTER TABLE ${quoteName(tableName(table.ref))} ADD COLUMN ${`${quoteName(column.name)} ${declaredType(column)}`.trim()}`,
    )
}

function viewError(table: Table): RunError {
  return new RunError({
    code: 'NOT_A_TABLE',
    message: `\`${table.ref.name}\` is a view; only tables can be written`,
    hint: 'name a table as the target',
  })
}
