import type { Type } from '../../../core/types.ts'

/** What a cell holds; a column's are the sum of its cells'. */
export const cellKinds = { text: 1, number: 2, boolean: 4, date: 8, timestamp: 16, time: 32, elapsed: 64, invalid: 128 } as const
export type CellKind = (typeof cellKinds)[keyof typeof cellKinds]

/**
 * The type of a column by the kinds of all its cells; `undefined` where it is left to the target or to inference: numbers,
 * whose inference is exact (rule 9), and columns in which kinds are mixed.
 */
export function typeOfKinds(kinds: number): Type | undefined {
  switch (kinds & ~cellKinds.invalid) {
    case cellKinds.text:
    case cellKinds.elapsed:
    case cellKinds.text | cellKinds.elapsed:
      return { kind: 'text' }
    case cellKinds.boolean:
      return { kind: 'boolean' }
    case cellKinds.date:
      return { kind: 'date' }
    case cellKinds.timestamp:
    case cellKinds.timestamp | cellKinds.date:
      return { kind: 'timestamp', precision: 3 }
    case cellKinds.time:
      return { kind: 'time', precision: 3 }
    default:
      return undefined
  }
}

/** Whether days have to become moments, because the column holds both. */
export function mixesDays(kinds: number): boolean {
  return (kinds & ~cellKinds.invalid) === (cellKinds.date | cellKinds.timestamp)
}
