import { RunError } from '../../core/errors.ts'
import { targetCell } from './cells.ts'
import type { RelationColumn, UniqueIndex } from './relation.ts'
import type { Session } from './session.ts'
import type { Target } from './target.ts'

/** Rows to change, in a temporary table `x`: `a0` … as they shall be, in the order of `columns`. Their rows are locked. */
export interface Update {
  readonly columns: readonly RelationColumn[]
  readonly key: readonly RelationColumn[]
  /** SQL that is true where a row of the target is the one of `x`. */
  readonly match: string
  /** In SQL. */
  readonly temporary: string
  /** SQL that is true for the rows of `x` that are meant. */
  readonly meant: string
}

/**
 * Gives those rows that change a unique value one that nobody has, so that the update which follows meets none of their
 * old ones.
 */
export async function parkUniqueValues(session: Session, target: Target, update: Update): Promise<void> {
  const parked = new Map<RelationColumn, string>()
  for (const index of target.relation.uniques) {
    const movable = update.columns.filter((column) => index.columns.includes(column.column.name) && !update.key.includes(column))
    if (movable.length === 0) continue
    const [column, value] = movable.flatMap((one) => placeholder(one))[0] ?? []
    if (!column || value === undefined) throw cannotSwap(target, index)
    parked.set(column, value)
  }
  if (parked.size === 0) return
  const differs = [...parked.keys()].map((column) => `NOT (${targetCell(column)} <=> x.a${update.columns.indexOf(column)})`)
  const set = [...parked].map(([column, value]) => `${targetCell(column)} = ${value}`)
  await session.execute(
    `UPDATE ${target.sql} AS t JOIN ${update.temporary} AS x ON ${update.match} SET ${set.join(', ')}
      WHERE ${update.meant} AND (${differs.join(' OR ')})`,
  )
}

/** A value that no other row has: NULL where that may be, else one at the far end of the type. `n` numbers the rows. */
function placeholder(column: RelationColumn): readonly (readonly [RelationColumn, string])[] {
  const value = column.column.nullable ? 'NULL' : farEnd(column)
  return value === undefined ? [] : [[column, value]]
}

function farEnd({ column: { type }, facts }: RelationColumn): string | undefined {
  switch (type.kind) {
    case 'integer':
      if (facts.name === 'bit' || facts.name === 'year') return undefined
      return type.signed ? `-${2n ** BigInt(facts.name === 'mediumint' ? 23 : type.bits - 1)} + x.n` : undefined
    case 'decimal':
      return `-${'9'.repeat((type.precision ?? 65) - (type.scale ?? 0)) || '0'} + x.n`
    case 'text':
      return (type.length ?? 36) < 36 ? undefined : 'UUID()'
    case 'uuid':
      return 'UUID()'
    case 'date':
      return "DATE('0001-01-01') + INTERVAL x.n DAY"
    case 'timestamp':
      return "TIMESTAMP('0001-01-01 00:00:00') + INTERVAL x.n SECOND"
    default:
      return undefined
  }
}

function cannotSwap({ relation }: Target, { name, columns }: UniqueIndex): RunError {
  return new RunError({
    code: 'UNIQUE_SWAP',
    message: `${relation.name.database}.${relation.name.name}: rows exchange values of ${columns.join(', ')}, which ${name} holds unique, and there is no value to set them aside by`,
    hint: 'allow NULL in one of its columns, or drop the index while the sync runs',
  })
}
