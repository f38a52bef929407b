import { ConfigError } from '../../core/errors.ts'
import type { ReadRequest } from '../connector.ts'
import { qualified } from './names.ts'
import { bareQuery } from './query.ts'
import type { Relation, RelationColumn } from './relation.ts'
import { identifier, literal } from './sql.ts'

/** @throws ConfigError naming the column that does not exist. */
export function requestedColumns(relation: Relation, names: readonly string[] | undefined): readonly RelationColumn[] {
  if (!names) return relation.columns
  return names.map((name) => findColumn(relation, name))
}

/** What narrows a read beside the request. */
export interface Narrowing {
  /** A temporary table of keys: `k0` … in the order of the request's key columns. */
  readonly keys?: string
  /** A rowversion, as SQL, from which on rows may be preceded by some that are yet to commit. */
  readonly before?: string
  /** A condition that the rows of the request's buckets meet. */
  readonly bucket?: string
}

/** A SELECT of some expressions over the rows of a request, in which the relation is called `t`. */
export function selectSql(relation: Relation, request: ReadRequest, expressions: readonly string[], narrowing: Narrowing = {}): string {
  const from = 'query' in request.source ? `(\n${bareQuery(request.source.query)}\n)` : qualified(relation.name)
  const conditions = predicates(relation, request, narrowing)
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const top = request.limit === undefined ? '' : `TOP (${Math.max(0, Math.floor(request.limit))}) `
  return `SELECT ${top}${expressions.join(', ')} FROM ${from} AS t${where}`
}

export function findColumn(relation: Relation, name: string): RelationColumn {
  const found = relation.columns.find(({ column }) => column.name === name)
  if (found) return found
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `${relation.kind === 'query' ? 'the query' : `\`${relation.name.schema}.${relation.name.name}\``} has no column \`${name}\``,
    hint: `its columns are ${relation.columns.map(({ column }) => column.name).join(', ')}`,
  })
}

/** Whether a column is a rowversion, which later transactions may give smaller values than rows that are there. */
export function isRowversion({ type }: RelationColumn): boolean {
  return type.name === 'timestamp' || type.name === 'rowversion'
}

function predicates(relation: Relation, { where, cursor, keys, settled }: ReadRequest, narrowing: Narrowing): readonly string[] {
  return [
    // On lines of its own, so that a comment at its end hides nothing of ours.
    ...(where === undefined ? [] : [`(\n${where}\n)`]),
    ...(cursor === undefined ? [] : [atLeast(findColumn(relation, cursor.column), cursor.from)]),
    ...(settled === undefined || narrowing.before === undefined ? [] : [`t.${identifier(settled)} < ${narrowing.before}`]),
    ...(keys === undefined || narrowing.keys === undefined ? [] : [oneOf(keys.columns, narrowing.keys)]),
    ...(narrowing.bucket === undefined ? [] : [narrowing.bucket]),
  ]
}

function atLeast(found: RelationColumn, from: string): string {
  const cell = `t.${identifier(found.column.name)}`
  const later = `${cell} >= ${bound(found, from)}`
  return found.column.nullable ? `(${later} OR ${cell} IS NULL)` : later
}

/** A canonical text as a value of the column, so that an index on it can be used. */
function bound(found: RelationColumn, text: string): string {
  if (isRowversion(found)) return rowversionLiteral(text)
  const native = found.column.native?.name ?? 'nvarchar(max)'
  switch (found.column.type.kind) {
    case 'timestamptz':
      return `TODATETIMEOFFSET(CONVERT(datetime2(7), ${literal(text.replace(/\+00$/, ''))}, 121), '+00:00')`
    case 'timestamp':
      return `CONVERT(${native}, ${literal(text)}, 121)`
    case 'date':
      return `CONVERT(${native}, ${literal(text)}, 23)`
    default:
      return `CONVERT(${native}, ${literal(text)})`
  }
}

/** Eight bytes in hexadecimal of an unsigned number. */
function rowversionLiteral(text: string): string {
  return `0x${BigInt.asUintN(64, BigInt(text)).toString(16).padStart(16, '0').toUpperCase()}`
}

function oneOf(columns: readonly string[], keys: string): string {
  const equal = columns.map((name, index) => `t.${identifier(name)} = k.k${index}`)
  return `EXISTS (SELECT 1 FROM ${keys} AS k WHERE ${equal.join(' AND ')})`
}
