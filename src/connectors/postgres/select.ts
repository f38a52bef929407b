import type { ReadRequest } from '../connector.ts'
import { inBuckets } from '../sql/digest.ts'
import { bucketExpression } from './buckets.ts'
import { castsToCanonical } from './cells.ts'
import { qualified } from './names.ts'
import { bareQuery, type Relation, type RelationColumn } from './relation.ts'
import { findColumn } from './requested-columns.ts'
import { arrayLiteral, identifier, literal } from './sql.ts'

/** A range of blocks of a table on disk, from the first to the one before `to`; open-ended without it. */
export interface BlockRange {
  readonly from: number
  readonly to?: number
}

/** A SELECT of some expressions over the rows of a request that meet `more` conditions; the relation is called `t` in all of them. */
export function selectSql(relation: Relation, request: ReadRequest, expressions: readonly string[], more: readonly string[] = []): string {
  const from = 'query' in request.source ? `(\n${bareQuery(request.source.query)}\n)` : qualified(relation.name)
  const conditions = [...predicates(relation, request), ...more]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const limit = request.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(request.limit))}`
  return `SELECT ${expressions.join(', ')} FROM ${from} AS t${where}${limit}`
}

/** The cells as PostgreSQL holds them. */
export function nativeExpressions(columns: readonly RelationColumn[]): readonly string[] {
  return columns.map(({ column }) => `t.${identifier(column.name)}`)
}

/** The cells such that COPY writes their canonical text. */
export function textExpressions(columns: readonly RelationColumn[]): readonly string[] {
  return columns.map(({ column, type }) => {
    const cell = `t.${identifier(column.name)}`
    return castsToCanonical(type) ? `${cell}::text` : cell
  })
}

function predicates(relation: Relation, { where, cursor, keys, buckets }: ReadRequest): readonly string[] {
  return [
    // On lines of its own, so that a comment at its end hides nothing of ours.
    ...(where === undefined ? [] : [`(\n${where}\n)`]),
    ...(cursor === undefined ? [] : [atLeast(relation, cursor)]),
    ...(keys === undefined ? [] : [oneOf(relation, keys)]),
    ...(buckets === undefined ? [] : [inBuckets(bucketExpression(relation, buckets.cut), buckets.numbers)]),
  ]
}

function atLeast(relation: Relation, { column, from }: NonNullable<ReadRequest['cursor']>): string {
  const cell = `t.${identifier(column)}`
  const later = `${cell} >= ${literal(from)}::${nativeName(relation, column)}`
  return findColumn(relation, column).column.nullable ? `(${later} OR ${cell} IS NULL)` : later
}

function oneOf(relation: Relation, { columns, values }: NonNullable<ReadRequest['keys']>): string {
  const cells = columns.map((name) => `t.${identifier(name)}`).join(', ')
  const arrays = columns.map((name, index) => `${arrayLiteral(values.map((key) => key[index] ?? ''))}::${nativeName(relation, name)}[]`)
  const wanted = columns.length === 1 ? `SELECT unnest(${arrays[0]})` : `SELECT * FROM unnest(${arrays.join(', ')})`
  return `(${cells}) IN (${wanted})`
}

function nativeName(relation: Relation, name: string): string {
  const { column, type } = findColumn(relation, name)
  return column.native?.name ?? type.native.name
}

/** Conditions that only rows of these blocks meet. */
export function inBlocks({ from, to }: BlockRange): readonly string[] {
  return [...(from === 0 ? [] : [`t.ctid >= '(${from},0)'::tid`]), ...(to === undefined ? [] : [`t.ctid < '(${to},0)'::tid`])]
}
