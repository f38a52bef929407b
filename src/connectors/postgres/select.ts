import type { Buckets, Ranges, ReadRequest } from '../connector.ts'
import { inBuckets, spans } from '../sql/digest.ts'
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
  const conditions = [...predicates(relation, request), ...more]
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const limit = request.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(request.limit))}`
  return `SELECT ${expressions.join(', ')} FROM ${fromSql(relation, request)}${where}${limit}`
}

/**
 * Rows of some ranges of an indexed column, and of some keys, are looked up one by one: what OFFSET 0 stands before is planned
 * by itself. The planner would rather read the whole table, for each of many requests.
 */
function fromSql(relation: Relation, { source, keys, buckets }: ReadRequest): string {
  if ('query' in source) return `(\n${bareQuery(source.query)}\n) AS t`
  const table = qualified(relation.name)
  if (buckets !== undefined && areLookedUp(relation, buckets)) {
    const { column } = buckets.cut
    const wanted = spans(buckets)
    const [lows, highs] = [wanted.map(({ least }) => least), wanted.map(({ greatest }) => greatest)]
    const ranges = unnested([`'{${lows.join(',')}}'::int8[]`, `'{${highs.join(',')}}'::int8[]`])
    const [low, high] = [wantedName('low'), wantedName('high')]
    return lookedUp(table, ranges, [low, high], `t.${identifier(column)} BETWEEN r.${low} AND r.${high}`)
  }
  if (keys !== undefined && isKey(relation, keys.columns)) {
    const names = keys.columns.map((_, index) => wantedName(`key${index}`))
    const same = keys.columns.map((name, index) => `t.${identifier(name)} = r.${names[index]}`)
    return lookedUp(table, `(SELECT DISTINCT * FROM ${keyValues(relation, keys)})`, names, same.join(' AND '))
  }
  return `${table} AS t`
}

/** What is looked up stands beside the table, and conditions of users name its columns alone. */
function wantedName(name: string): string {
  return `_syncline_${name}`
}

function lookedUp(table: string, wanted: string, names: readonly string[], condition: string): string {
  return `${wanted} AS r(${names.join(', ')}) CROSS JOIN LATERAL (SELECT * FROM ${table} AS t WHERE ${condition} OFFSET 0) AS t`
}

function isKey({ uniques }: Relation, columns: readonly string[]): boolean {
  return uniques.some((index) => index.columns.length === columns.length && index.columns.every((name) => columns.includes(name)))
}

/** Of one range the planner knows better how to read it. */
function areLookedUp({ uniques }: Relation, buckets: Buckets): buckets is Ranges {
  const { cut } = buckets
  if (cut.by !== 'width' || !uniques.some(({ columns }) => columns[0] === cut.column)) return false
  return spans({ cut, numbers: buckets.numbers }).length > 1
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
    ...(keys === undefined || isKey(relation, keys.columns) ? [] : [oneOf(relation, keys)]),
    ...(buckets === undefined || areLookedUp(relation, buckets)
      ? []
      : [inBuckets(buckets, bucketExpression(relation, buckets.cut), (name) => `t.${identifier(name)}`)]),
  ]
}

function atLeast(relation: Relation, { column, from }: NonNullable<ReadRequest['cursor']>): string {
  const cell = `t.${identifier(column)}`
  const later = `${cell} >= ${literal(from)}::${nativeName(relation, column)}`
  return findColumn(relation, column).column.nullable ? `(${later} OR ${cell} IS NULL)` : later
}

function oneOf(relation: Relation, keys: NonNullable<ReadRequest['keys']>): string {
  const cells = keys.columns.map((name) => `t.${identifier(name)}`).join(', ')
  return `(${cells}) IN (SELECT * FROM ${keyValues(relation, keys)})`
}

/** Keys as rows. */
function keyValues(relation: Relation, { columns, values }: NonNullable<ReadRequest['keys']>): string {
  const arrays = columns.map((name, index) => `${arrayLiteral(values.map((key) => key[index] ?? ''))}::${nativeName(relation, name)}[]`)
  return unnested(arrays)
}

/** Arrays side by side. The parser knows an `unnest` of several only where it has no schema before it. */
function unnested(arrays: readonly string[]): string {
  return `ROWS FROM (${arrays.map((array) => `pg_catalog.unnest(${array})`).join(', ')})`
}

function nativeName(relation: Relation, name: string): string {
  const { column, type } = findColumn(relation, name)
  return column.native?.name ?? type.native.name
}

/** Conditions that only rows of these blocks meet. */
export function inBlocks({ from, to }: BlockRange): readonly string[] {
  return [...(from === 0 ? [] : [`t.ctid >= '(${from},0)'::tid`]), ...(to === undefined ? [] : [`t.ctid < '(${to},0)'::tid`])]
}
