import type { Bounds, Bucket, WidthCut } from '../../connectors/connector.ts'
import { agree } from '../hashed-sides.ts'

/** Even ranges of an integer key, numbered from 0. */
export interface Ranges {
  readonly from: bigint
  readonly width: bigint
  readonly count: number
}

const most = 4096

/**
 * Cuts the rows of a table into ranges of about so many rows where its keys are dense. Widths are powers of two and ranges begin at
 * their multiples, so that a later run, which finds other bounds, cuts at the same places.
 * @returns `undefined` where the keys are too far apart to be counted in 64 bits.
 */
export function cutRanges({ least, greatest }: Bounds, rows: number, wanted: number): Ranges | undefined {
  const span = greatest - least + 1n
  if (span >= 2n ** 62n) return undefined
  const width = powerOfTwo(span / BigInt(Math.min(most, Math.ceil(rows / wanted))))
  const from = (least / width - (least % width < 0n ? 1n : 0n)) * width
  return { from, width, count: Number((greatest - from) / width) + 1 }
}

/** The one that is nearest by its share. */
function powerOfTwo(wanted: bigint): bigint {
  let width = 1n
  while (width * 3n <= wanted * 2n) width *= 2n
  return width
}

export function cutOf({ from, width }: Ranges, column: string): WidthCut {
  return { by: 'width', column, from, width }
}

export function numbersOf({ count }: Ranges): readonly number[] {
  return Array.from({ length: count }, (_, number) => number)
}

/** What is to be done with each range: it is in one of the two. */
export interface Course {
  /** They lie beside already, row by row; whatever else lies there is to be removed. */
  readonly kept: readonly number[]
  readonly lacking: readonly number[]
}

/**
 * Compares what lies beside with what the source holds in the same ranges (rule 26).
 * @param source the ranges that hold rows beside; others are lacking whatever they hold.
 */
export function planRanges(ranges: Ranges, source: readonly Bucket[], beside: readonly Bucket[]): Course {
  const there = new Map(beside.map((bucket) => [bucket.number, bucket]))
  const agreeing = new Set(source.filter((bucket) => agree(bucket, there.get(bucket.number))).map(({ number }) => number))
  const numbers = numbersOf(ranges)
  return { kept: numbers.filter((number) => agreeing.has(number)), lacking: numbers.filter((number) => !agreeing.has(number)) }
}
