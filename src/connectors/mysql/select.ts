import { ConfigError } from '../../core/errors.ts'
import type { ReadRequest } from '../connector.ts'
import { inBuckets } from '../sql/digest.ts'
import { bucketExpression, cutColumns } from './buckets.ts'
import { writeForm } from './cells.ts'
import { qualified, type RelationName } from './names.ts'
import { bareQuery, type Relation, type RelationColumn } from './relation.ts'
import { identifier, literal } from './sql.ts'

/** @throws ConfigError naming the column that does not exist. */
export function requestedColumns(relation: Relation, names: readonly string[] | undefined): readonly RelationColumn[] {
  if (!names) return relation.columns
  return names.map((name) => findColumn(relation, name))
}

/** A SELECT of some expressions over the rows of a request, in which the relation is called `t`. `place` is where its rows lie. */
export function selectSql(relation: Relation, place: RelationName, request: ReadRequest, expressions: readonly string[]): string {
  const from = 'query' in request.source ? `(\n${bareQuery(request.source.query)}\n)` : qualified(place)
  const conditions = predicates(relation, request)
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const limit = request.limit === undefined ? '' : ` LIMIT ${Math.max(0, Math.floor(request.limit))}`
  return `SELECT ${expressions.join(', ')} FROM ${from} AS t${where}${limit}`
}

function findColumn(relation: Relation, name: string): RelationColumn {
  const found = relation.columns.find(({ column }) => column.name === name)
  if (found) return found
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `${relation.kind === 'query' ? 'the query' : `\`${relation.name.database}.${relation.name.name}\``} has no column \`${name}\``,
    hint: `its columns are ${relation.columns.map(({ column }) => column.name).join(', ')}`,
  })
}

function predicates(relation: Relation, { where, cursor, keys, buckets }: ReadRequest): readonly string[] {
  return [
    // On lines of its own, so that a comment at its end hides nothing of ours.
    ...(where === undefined ? [] : [`(\n${where}\n)`]),
    ...(cursor === undefined ? [] : [atLeast(relation, cursor)]),
    ...(keys === undefined ? [] : [oneOf(relation, keys)]),
    ...(buckets === undefined
      ? []
      : [
          inBuckets(
            buckets,
            bucketExpression(requestedColumns(relation, cutColumns(buckets.cut)), buckets.cut),
            (name) => `t.${identifier(name)}`,
          ),
        ]),
  ]
}

function atLeast(relation: Relation, { column, from }: NonNullable<ReadRequest['cursor']>): string {
  const found = findColumn(relation, column)
  const cell = `t.${identifier(column)}`
  const later = `${cell} >= ${cellLiteral(found, from)}`
  return found.column.nullable ? `(${later} OR ${cell} IS NULL)` : later
}

function oneOf(relation: Relation, { columns, values }: NonNullable<ReadRequest['keys']>): string {
  if (values.length === 0) return 'false'
  const found = columns.map((name) => findColumn(relation, name))
  const cells = columns.map((name) => `t.${identifier(name)}`)
  const tuple = (key: readonly string[]) => found.map((column, index) => cellLiteral(column, key[index] ?? '')).join(', ')
  return listed(cells, values.map(tuple))
}

function listed(cells: readonly string[], tuples: readonly string[]): string {
  if (cells.length === 1) return `${cells[0]} IN (${tuples.join(', ')})`
  return `(${cells.join(', ')}) IN (${tuples.map((tuple) => `(${tuple})`).join(', ')})`
}

/**
 * A canonical text as a literal that is compared as the column's type: a number that stood there as a text would be compared as a
 * double, which takes neighbouring large numbers as one.
 */
function cellLiteral(column: RelationColumn, text: string): string {
  const { kind } = column.column.type
  if (kind === 'boolean') return /^(t|true|1)$/i.test(text) ? '1' : '0'
  if ((kind === 'integer' || kind === 'decimal') && /^-?\d+(\.\d+)?$/.test(text)) return text
  if (kind === 'float' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)) return /e/i.test(text) ? text : `${text}e0`
  const { form, expression } = writeForm(column)
  const plain = literal(form === 'instant' ? text.replace(/\+00$/, '') : text)
  return expression ? expression(plain) : plain
}
