import { targetCell } from './cells.ts'
import type { RelationColumn } from './relation.ts'
import type { Cell } from './temporary.ts'

/** Whether the column's collation may ignore more of a key than its `folding` says: accents, letters that it has no weights of. */
export function isInexact({ facts: { collation } }: RelationColumn): boolean {
  return collation !== undefined && !/_bin$/.test(collation)
}

/**
 * SQL that is true where two keys that the server takes as equal differ all the same, past what the column's `folding` says;
 * `undefined` where none can.
 */
export function otherwiseSpelled(keyed: readonly Cell[]): string | undefined {
  const differs = keyed
    .filter(({ column }) => isInexact(column))
    .map(({ alias, column }) => `${spelling(column, targetCell(column))} <> ${spelling(column, `x.${alias}`)}`)
  return differs.length === 0 ? undefined : `(${differs.join(' OR ')})`
}

/** A text by which keys are compared everywhere but in the server, as bytes in SQL. */
export function spelling({ column: { folding } }: RelationColumn, text: string): string {
  const exact = `CONVERT(${text} USING utf8mb4)`
  const trimmed = folding?.pad ? `TRIM(TRAILING ' ' FROM ${exact})` : exact
  return `CAST(${folding?.case ? `LOWER(${trimmed})` : trimmed} AS BINARY)`
}
