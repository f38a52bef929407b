import { sameCells, sameKey } from './cells.ts'
import type { RelationColumn } from './relation.ts'
import { identifier } from './sql.ts'

/** Rows to change, in a temporary table: `a0` … as they shall be, `b0` … as they were read, in the order of `columns`. */
export interface Update {
  readonly key: readonly RelationColumn[]
  readonly columns: readonly RelationColumn[]
  /** In SQL. What was done is deleted from it. */
  readonly temporary: string
  /** SQL that is true for the rows of `x` that are meant; all of them where absent. */
  readonly part?: string
}

/** The row with the key that was read, of those that are meant. */
export function keyCondition({ key, columns, part }: Update): string {
  const match = sameKey(
    key.map(({ column }) => `t.${identifier(column.name)}`),
    key.map((column) => `x.b${columns.indexOf(column)}`),
  )
  return part === undefined ? match : `${match} AND ${part}`
}

/** The before image: every cell but those that the system computes. */
export function beforeImage({ columns }: Update): string {
  const compared = columns.filter(({ column }) => !column.generated)
  return sameCells(compared, (index) => {
    const column = compared[index]
    return [`t.${identifier(column?.column.name ?? '')}`, `x.b${column ? columns.indexOf(column) : 0}`]
  })
}
