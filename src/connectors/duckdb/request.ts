import { RunError } from '../../core/errors.ts'
import type { Column } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import type { ReadRequest } from '../connector.ts'
import { columnNamed } from '../sql/column-named.ts'
import { inBuckets } from '../sql/digest.ts'
import { bucketExpression } from './buckets.ts'
import { textCast } from './cells.ts'
import { describeTable, queryColumns, subquery } from './describe.ts'
import { qualified, tableName } from './names.ts'
import type { Work } from './work.ts'

/** A request as SQL: `SELECT … FROM <from>`. */
export interface Selection {
  readonly columns: readonly Column[]
  /** Every column of the source. */
  readonly all: readonly Column[]
  /** What follows FROM: the source, its conditions and its limit. */
  readonly from: string
}

/** @throws RunError where the table or a column is not there. */
export async function selectionOf(work: Work, request: ReadRequest): Promise<Selection> {
  const all = await sourceColumns(work, request)
  const columns = request.columns?.map((name) => columnNamed(all, name)) ?? all
  const source = 'query' in request.source ? subquery(request.source.query) : qualified(tableName(request.source.table))
  const conditions = [
    ...(request.where === undefined ? [] : [`(${request.where}\n)`]),
    ...(request.cursor === undefined ? [] : [atLeast(columnNamed(all, request.cursor.column), request.cursor.from)]),
    ...(request.keys === undefined ? [] : [hasOneOf(all, request.keys)]),
    ...(request.buckets === undefined ? [] : [inBuckets(request.buckets, bucketExpression(all, request.buckets.cut), identifier)]),
  ]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return { columns, all, from: `${source}${where}${request.limit === undefined ? '' : ` LIMIT ${request.limit}`}` }
}

async function sourceColumns(work: Work, { source }: ReadRequest): Promise<readonly Column[]> {
  if ('query' in source) return await queryColumns(work, source.query)
  const table = await describeTable(work, source.table)
  if (table) return table.columns
  throw new RunError({
    code: 'TABLE_NOT_FOUND',
    message: `there is no table \`${source.table.name}\` in ${work.path}`,
    hint: 'names are case-sensitive; `syncline discover` lists them',
  })
}

function atLeast(column: Column, from: string): string {
  const cell = identifier(column.name)
  return `(${cell} >= ${typed(literal(from), column)} OR ${cell} IS NULL)`
}

function hasOneOf(all: readonly Column[], keys: NonNullable<ReadRequest['keys']>): string {
  const columns = keys.columns.map((name) => columnNamed(all, name))
  if (keys.values.length === 0) return 'false'
  const texts = keys.values.map((key) => `(${key.map(literal).join(', ')})`).join(', ')
  const cells = columns.map((column, index) => typed(`k${index}`, column)).join(', ')
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const places = columns.map((_, index) => `k${index}`).join(', ')
  return `(${names}) IN (SELECT ${columns.length === 1 ? cells : `(${cells})`} FROM (VALUES ${texts}) AS keys(${places}))`
}

function typed(text: string, column: Column): string {
  return textCast(text, column) ?? text
}
