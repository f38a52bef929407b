import { RunError } from '../../core/errors.ts'
import { beforeImage, keyCondition, type Update } from './before-image.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { identifier } from './sql.ts'
import type { Target } from './target.ts'

interface Parking extends Update {
  readonly changed: ReadonlySet<RelationColumn>
}

/**
 * Gives the rows that change a unique value one that nobody has, so that the update which follows meets none of their old
 * ones. Rows done so are marked `parked` in the temporary table; their before images were checked here.
 */
export async function parkUniqueValues(session: Session, target: Target, parking: Parking): Promise<void> {
  const indexes = await session.rows<UniqueColumns>(uniqueColumnsSql, [target.relation.oid])
  const parked = new Map<RelationColumn, string>()
  for (const index of indexes) {
    const moving = movable(parking, index)
    if (moving.length === 0) continue
    const [column, value] = moving.flatMap((one) => placeholder(one, index))[0] ?? []
    if (!column || value === undefined) throw cannotSwap(target, index)
    parked.set(column, value)
  }
  await session.execute(`ALTER TABLE ${parking.temporary} ADD COLUMN parked boolean NOT NULL DEFAULT false`)
  if (parked.size > 0) await session.execute(parkSql(target, parking, parked))
}

interface UniqueColumns {
  readonly name: string
  /** Also those that the index only uses in expressions. */
  readonly columns: readonly string[]
  readonly nullsDistinct: boolean
}

/** The columns of an index that change and are not the key, by which rows are found again. */
function movable({ changed, key }: Parking, { columns }: UniqueColumns): readonly RelationColumn[] {
  return [...changed].filter((column) => columns.includes(column.column.name) && !key.includes(column))
}

/** A value that no other row has: NULL where that may be, else one at the far end of the type. `n` numbers the rows. */
function placeholder(column: RelationColumn, { nullsDistinct }: UniqueColumns): readonly (readonly [RelationColumn, string])[] {
  if (column.column.nullable && nullsDistinct) return [[column, 'NULL']]
  const value = farEnd(column)
  return value === undefined ? [] : [[column, value]]
}

function farEnd({ column: { type }, type: { native } }: RelationColumn): string | undefined {
  switch (type.kind) {
    case 'integer':
      return type.signed ? `${-(2n ** BigInt(type.bits - 1))}::numeric + x.n` : undefined
    case 'decimal':
      return `-(10::numeric ^ ${type.precision === undefined ? 1000 : type.precision - (type.scale ?? 0)}) + x.n`
    case 'text':
      return (type.length ?? 36) < 12 ? undefined : `left(pg_catalog.gen_random_uuid()::text, ${Math.min(type.length ?? 36, 36)})`
    case 'uuid':
      return 'pg_catalog.gen_random_uuid()'
    case 'date':
      return "'4713-01-01 BC'::date + x.n::int"
    case 'timestamp':
    case 'timestamptz':
      return `'4713-01-02 BC'::${native.name} + x.n * interval '1 second'`
    default:
      return undefined
  }
}

function parkSql(target: Target, parking: Parking, parked: ReadonlyMap<RelationColumn, string>): string {
  const { columns, temporary } = parking
  const differs = [...parked.keys()].map((column) => `x.a${columns.indexOf(column)} IS DISTINCT FROM x.b${columns.indexOf(column)}`)
  const set = [...parked].map(([column, value]) => `${identifier(column.column.name)} = ${value}`)
  return `
    WITH parked AS (
      UPDATE ${target.sql} AS t SET ${set.join(', ')}
        FROM (SELECT x.ctid AS place, row_number() OVER () AS n, x.* FROM ${temporary} AS x WHERE ${differs.join(' OR ')}) AS x
       WHERE ${keyCondition(parking)} AND ${beforeImage(parking)} RETURNING x.place)
    UPDATE ${temporary} AS x SET parked = true FROM parked WHERE x.ctid = parked.place`
}

function cannotSwap({ relation }: Target, { name, columns }: UniqueColumns): RunError {
  return new RunError({
    code: 'UNIQUE_SWAP',
    message: `${relation.name.schema}.${relation.name.name}: rows exchange values of ${columns.join(', ')}, which ${name} holds unique, and there is no value to set them aside by`,
    hint: 'make the constraint DEFERRABLE, so that PostgreSQL judges it at the end of the statement',
  })
}

const uniqueColumnsSql = `
SELECT c.relname AS name, coalesce(pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct', 'false') = 'false' AS "nullsDistinct",
       ARRAY(SELECT DISTINCT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = i.indrelid
                AND (a.attnum = ANY (i.indkey::int2[])
                  OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                                AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = a.attnum))) AS columns
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = $1 AND i.indisunique AND i.indimmediate`
