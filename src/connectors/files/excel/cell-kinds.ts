import type { Type } from '../../../core/types.ts'
import type { Moment } from './serial.ts'

/** What a cell holds; a column's are the sum of its cells'. `fine` says of times that they hold more than milliseconds. */
export const cellKinds = { text: 1, number: 2, boolean: 4, date: 8, timestamp: 16, time: 32, elapsed: 64, invalid: 128, fine: 256 } as const

export function kindOfMoment({ kind, text }: Moment): number {
  return /\.\d{4}/.test(text) ? cellKinds[kind] | cellKinds.fine : cellKinds[kind]
}

/**
 * The type of a column by the kinds of all its cells; `undefined` where it is left to the target or to inference: numbers,
 * whose inference is exact (rule 9), and columns in which kinds are mixed.
 */
export function typeOfKinds(kinds: number): Type | undefined {
  // Excel shows milliseconds; a sheet that is written holds microseconds too, as texts.
  const precision = (kinds & cellKinds.fine) === 0 ? 6 : 9
  switch (kinds & ~(cellKinds.invalid | cellKinds.fine)) {
    case cellKinds.text:
    case cellKinds.elapsed:
    case cellKinds.text | cellKinds.elapsed:
    case cellKinds.time | cellKinds.elapsed:
      return { kind: 'text' }
    case cellKinds.boolean:
      return { kind: 'boolean' }
    case cellKinds.date:
      return { kind: 'date' }
    case cellKinds.timestamp:
    case cellKinds.timestamp | cellKinds.date:
      return { kind: 'timestamp', precision }
    case cellKinds.time:
      return { kind: 'time', precision }
    default:
      return undefined
  }
}

/** Whether days have to become moments, because the column holds both. */
export function mixesDays(kinds: number): boolean {
  return (kinds & ~(cellKinds.invalid | cellKinds.fine)) === (cellKinds.date | cellKinds.timestamp)
}
