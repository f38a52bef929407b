import type { DatabaseSync } from 'node:sqlite'
import type { Column, Table } from '../../core/table.ts'
import { quoteName } from '../sql/quote.ts'
import { select } from './connection.ts'
import { tableName } from './describe.ts'
import { affinity, declaredType } from './types.ts'

/**
 * Assignments that take a row out of the way of others: every unique column but the key's gets a value that no row has.
 * `undefined` where nothing but the key is unique. SQLite checks uniqueness row by row, so rows that exchange values need it.
 */
export function parkingAssignments(database: DatabaseSync, table: Table, key: readonly string[]): string | undefined {
  const name = tableName(table.ref)
  const unique = uniqueColumns(database, name)
  const free = table.columns.filter(
    (column) => !column.generated && !key.includes(column.name) && (unique === 'any' || unique.has(column.name)),
  )
  if (free.length === 0) return undefined
  const [strict] = select(database, "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND name = ? AND strict = 1", name)
  return free.map((column) => `${quoteName(column.name)} = ${parkingValue(column, table, strict !== undefined)}`).join(', ')
}

/** Does what passes through parked rows, which no CHECK constraint need accept. */
export function whileParked<Result>(database: DatabaseSync, action: () => Result): Result {
  database.exec('PRAGMA ignore_check_constraints = ON')
  try {
    return action()
  } finally {
    database.exec('PRAGMA ignore_check_constraints = OFF')
  }
}

/** Names of the columns in unique indexes and the primary key; any may be meant where an index stands on an expression. */
function uniqueColumns(database: DatabaseSync, table: string): ReadonlySet<string> | 'any' {
  const names = select(
    database,
    'SELECT cell.name FROM pragma_index_list(?) AS list, pragma_index_info(list.name) AS cell WHERE list."unique" = 1',
    table,
  ).map(([name]) => name)
  const key = select(database, 'SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0', table).map(([name]) => name)
  return names.includes(null) ? 'any' : new Set([...names, ...key].map(String))
}

/** Outside of STRICT tables a column takes a blob whatever it declares, but for the rowid. */
function parkingValue(column: Column, table: Table, strict: boolean): string {
  if (column.nullable) return 'NULL'
  const held = affinity(declaredType(column))
  const isRowid = table.key.length === 1 && table.key[0] === column.name && held === 'INTEGER'
  if (!strict && !isRowid) return 'randomblob(16)'
  switch (held) {
    case 'INTEGER':
    case 'NUMERIC':
      return 'random()'
    case 'REAL':
      return 'random() * 1.0'
    case 'TEXT':
      return 'hex(randomblob(16))'
    case 'BLOB':
      return 'randomblob(16)'
  }
}
