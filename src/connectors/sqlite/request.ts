import type { DatabaseSync } from 'node:sqlite'
import { RunError } from '../../core/errors.ts'
import type { Column } from '../../core/table.ts'
import type { ReadRequest } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { inBuckets } from '../sql/digest.ts'
import { quoteName } from '../sql/quote.ts'
import { bindingOf } from './binding.ts'
import { bucketExpression } from './buckets.ts'
import type { Bound } from './connection.ts'
import { describeTable, tableName } from './describe.ts'
import { affinity, columnOf, declaredType } from './types.ts'

/** A request as SQL: `SELECT … FROM <from>` with these parameters. */
export interface Selection {
  /** Every column of the source, or those that were asked for, in that order. */
  readonly columns: readonly Column[]
  /** Every column of the source. */
  readonly all: readonly Column[]
  /** What follows FROM: the source, its conditions and its limit. */
  readonly from: string
  readonly bound: readonly Bound[]
}

/** @throws RunError where the table or a column is not there. */
export function selectionOf(database: DatabaseSync, request: ReadRequest): Selection {
  const all = sourceColumns(database, request)
  const columns = request.columns?.map((name) => columnNamed(all, name)) ?? all
  const source = 'query' in request.source ? subquery(request.source.query) : quoteName(tableName(request.source.table))
  const conditions: string[] = []
  const bound: Bound[] = []
  if (request.where !== undefined) conditions.push(`(${request.where}\n)`)
  if (request.cursor) {
    const column = columnNamed(all, request.cursor.column)
    const { sql, parameters } = atLeast(column, request.cursor.from)
    conditions.push(`(${sql} OR ${quoteName(column.name)} IS NULL)`)
    bound.push(...parameters)
  }
  if (request.keys) conditions.push(keyCondition(database, all, request.keys))
  if (request.buckets) conditions.push(inBuckets(request.buckets, bucketExpression(all, request.buckets.cut), quoteName))
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const limit = request.limit === undefined ? '' : ` LIMIT ${request.limit}`
  return { columns, all, from: `${source}${where}${limit}`, bound }
}

/** The columns of a query: with a declared type where one comes from a table as it is, else untyped. */
export function queryColumns(database: DatabaseSync, query: string): readonly Column[] {
  const statement = database.prepare(`SELECT * FROM ${subquery(query)}`)
  return statement.columns().map(({ name, type }) => columnOf(name, type ?? '', true))
}

function sourceColumns(database: DatabaseSync, { source }: ReadRequest): readonly Column[] {
  if ('query' in source) return queryColumns(database, source.query)
  const table = describeTable(database, source.table)
  if (table) return table.columns
  throw new RunError({
    code: 'TABLE_NOT_FOUND',
    message: `there is no table \`${source.table.name}\` in the SQLite database`,
    hint: 'names are case-sensitive; `syncline discover` lists them',
  })
}

/** A line of its own for the bracket, because a query may end in a comment. */
function subquery(query: string): string {
  return `(${query.replace(/;\s*$/, '')}\n)`
}

/** Texts of one length sort as what they mean; other texts, and decimals held as text, are compared by a function. */
function atLeast(column: Column, from: string): { readonly sql: string; readonly parameters: readonly Bound[] } {
  const cell = quoteName(column.name)
  const { kind } = column.type
  const bind = bindingOf(column)
  switch (kind) {
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz': {
      const plain = kind === 'time' ? '[0-9][0-9]:*[0-9]' : '[0-9][0-9][0-9][0-9]-*[0-9]'
      const comparable = kind !== 'timestamptz' && new RegExp(kind === 'time' ? /^\d\d:/ : /^\d{4}-[^T]*\d$/).test(from)
      const byFunction = `syncline_at_least('${kind}', ${cell}, ?)`
      if (!comparable) return { sql: byFunction, parameters: [from] }
      return {
        sql: `CASE WHEN ${cell} GLOB '${plain}' AND ${cell} NOT GLOB '*T*' THEN ${cell} >= ? ELSE ${byFunction} END`,
        parameters: [from, from],
      }
    }
    case 'decimal':
    case 'integer':
      if (affinity(declaredType(column)) === 'TEXT') return { sql: `syncline_at_least('decimal', ${cell}, ?)`, parameters: [from] }
      return { sql: `${cell} >= ?`, parameters: [bind(from)] }
    default:
      return { sql: `${cell} >= ?`, parameters: [bind(from)] }
  }
}

/** Keys are put into a table of the connection's own, because SQLite takes no more than 32,766 parameters. */
function keyCondition(database: DatabaseSync, all: readonly Column[], keys: NonNullable<ReadRequest['keys']>): string {
  const columns = keys.columns.map((name) => columnNamed(all, name))
  const table = temporaryTable(database, columns.length)
  const insert = database.prepare(`INSERT INTO ${table} VALUES (${columns.map(() => '?').join(', ')})`)
  const bindings = columns.map(bindingOf)
  for (const key of keys.values) insert.run(...bindings.map((bind, index) => bind(key[index] ?? null)))
  const names = columns.map((column) => quoteName(column.name)).join(', ')
  return `(${names}) IN (SELECT * FROM ${table})`
}

let tables = 0

function temporaryTable(database: DatabaseSync, columns: number): string {
  const name = `temp.syncline_keys_${++tables}`
  database.exec(
    `CREATE TEMP TABLE ${name.slice('temp.'.length)} (${Array.from({ length: columns }, (_, index) => `k${index}`).join(', ')})`,
  )
  return name
}
