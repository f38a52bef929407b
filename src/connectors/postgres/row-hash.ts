import type { RelationColumn } from './relation.ts'
import { textExpressions } from './select.ts'
import type { Server } from './session.ts'
import { identifier } from './sql.ts'

/**
 * The forms in which a server hashes rows by its own functions, which servers of one major version and encoding share: by what
 * each column holds, and by its text where the other side's columns are of other types. The hash functions of the types
 * themselves will not do: that of numbers knows no sign, and those of integers and times fold 64 bits into 32.
 */
export function ownForms({ major, encoding }: Pick<Server, 'major' | 'encoding'>, columns: readonly RelationColumn[]): readonly string[] {
  const place = `postgres:${major}:${encoding}`
  return [`${place}:cells:${columns.map((column) => letterOf(column)).join('')}`, `${place}:row`]
}

/** A 64-bit hash of the columns of `t`, in one of the server's own forms. */
export function ownRowHash(columns: readonly RelationColumn[], form: string): string {
  return form.endsWith(':row') ? textHash(rowText(columns), '0') : cellsHash(columns)
}

/**
 * Each cell is hashed with its place, and what they make together once more: else the hashes of two rows that swap a cell
 * would add up to what they were.
 */
function cellsHash(columns: readonly RelationColumn[]): string {
  const alike = (kind: Kind) => columns.flatMap((column, index) => (kindOf(column) === kind ? [{ column, place: index + 1 }] : []))
  const numbers = alike('number').map(({ column, place }) => orPlace(column, textHash(`'${place}'`, `${cellOf(column)}::int8`), place))
  const texts = alike('text').map(({ column, place }) => orPlace(column, textHash(cellOf(column), String(place)), place))
  const sent = alike('sent').map(({ column }) => `${senders.get(column.type.base.oid)?.send ?? ''}(${cellOf(column)})`)
  const rest = alike('other').map(({ column }) => column)
  const parts = [
    ...numbers,
    ...texts,
    ...(sent.length === 0 ? [] : [`pg_catalog.hash_array_extended(ARRAY[${sent.join(', ')}], 0)`]),
    ...(rest.length === 0 ? [] : [textHash(rowText(rest), '0')]),
  ]
  return textHash("''", parts.length === 0 ? '0' : parts.join(' # '))
}

type Kind = 'number' | 'text' | 'sent' | 'other'

function kindOf({ type }: RelationColumn): Kind {
  const { oid } = type.base
  if (integers.has(oid)) return 'number'
  if (texts.has(oid)) return 'text'
  return senders.has(oid) ? 'sent' : 'other'
}

function letterOf(column: RelationColumn): string {
  const kind = kindOf(column)
  return kind === 'sent' ? (senders.get(column.type.base.oid)?.letter ?? '') : { number: 'i', text: 't', other: 'o' }[kind]
}

/** int8, int2, int4. */
const integers: ReadonlySet<number> = new Set([20, 21, 23])

/** text, varchar. */
const texts: ReadonlySet<number> = new Set([25, 1043])

/** Types whose binary form is another one for each of their texts, and what makes it. Bytes are their own. */
const senders: ReadonlyMap<number, { readonly letter: string; readonly send: string }> = new Map([
  [17, { letter: 'y', send: '' }],
  [1082, { letter: 'd', send: 'pg_catalog.date_send' }],
  [1083, { letter: 'c', send: 'pg_catalog.time_send' }],
  [1114, { letter: 's', send: 'pg_catalog.timestamp_send' }],
  [1184, { letter: 'z', send: 'pg_catalog.timestamptz_send' }],
  [1700, { letter: 'n', send: 'pg_catalog.numeric_send' }],
  [2950, { letter: 'u', send: 'pg_catalog.uuid_send' }],
])

/** NULL is the place of its column. */
function orPlace({ column }: RelationColumn, hash: string, place: number): string {
  return column.nullable ? `coalesce(${hash}, ${place})` : hash
}

/** Rows are written as composite values are, so that neither NULL and '' nor `1|11` and `11|1` look alike. */
function rowText(columns: readonly RelationColumn[]): string {
  return `ROW(${textExpressions(columns).join(', ')})::text`
}

function textHash(text: string, seed: string): string {
  return `pg_catalog.hashtextextended(${text} COLLATE "C", ${seed})`
}

function cellOf({ column }: RelationColumn): string {
  return `t.${identifier(column.name)}`
}
