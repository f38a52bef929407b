import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Bucket } from '../../connectors/connector.ts'
import { cutRanges, numbersOf, planRanges, type Ranges } from './ranges.ts'

/** Rows of a table by their keys; what they hold is a number. */
type Content = ReadonlyMap<bigint, number>

const bigint64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n }
const keysWithin = (min: bigint, max: bigint): fc.Arbitrary<Content> =>
  fc.array(fc.tuple(fc.bigInt({ min, max }), fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 60 }).map((rows) => new Map(rows))
const near = keysWithin(-300n, 300n)
/** Keys close together, at either end of 64 bits, or anywhere. */
const anywhere = fc.oneof(
  near,
  keysWithin(bigint64.min, bigint64.min + 100n),
  keysWithin(bigint64.max - 100n, bigint64.max),
  keysWithin(-(2n ** 61n), 2n ** 60n),
  keysWithin(bigint64.min, bigint64.max),
)

function cut(source: Content, wanted: number): Ranges | undefined {
  const keys = [...source.keys()].sort((a, b) => (a < b ? -1 : 1))
  return cutRanges({ least: keys[0] ?? 0n, greatest: keys.at(-1) ?? 0n }, source.size, wanted)
}

function rangeOf({ from, width, count }: Ranges, number: bigint): number | undefined {
  if (number < from || number >= from + width * BigInt(count)) return undefined
  return Number((number - from) / width)
}

function buckets(ranges: Ranges, rows: Content): readonly Bucket[] {
  const found = Map.groupBy(rows, ([id]) => rangeOf(ranges, id))
  return [...found].flatMap(([number, entries]) => {
    const digest = JSON.stringify(entries.map(([id, cell]) => [String(id), cell]).sort())
    return number === undefined ? [] : [{ number, rows: entries.length, digest }]
  })
}

/** What lies beside after what is to go went and what is lacking came. */
function carriedOut(ranges: Ranges, source: Content, beside: Content): { readonly left: Content; readonly loaded: number } {
  const there = buckets(ranges, beside)
  const asked = buckets(ranges, source).filter(({ number }) => there.some((bucket) => bucket.number === number))
  const { kept, lacking } = planRanges(ranges, asked, there)
  const inside = (numbers: readonly number[]) => (id: bigint) => numbers.includes(rangeOf(ranges, id) ?? -1)
  const staying = [...beside].filter(([id]) => inside(kept)(id))
  const coming = [...source].filter(([id]) => inside(lacking)(id))
  expect(coming.some(([id]) => new Map(staying).has(id))).toBe(false)
  expect(new Set([...kept, ...lacking]).size).toBe(kept.length + lacking.length)
  return { left: new Map([...staying, ...coming]), loaded: coming.length }
}

test('whatever lay beside, what is kept and what is loaded are together the source, and nothing else', () => {
  fc.assert(
    fc.property(anywhere, near, fc.integer({ min: 1, max: 20 }), (source, beside, wanted) => {
      const ranges = cut(source, wanted)
      if (!ranges) return
      expect(carriedOut(ranges, source, beside).left).toEqual(source)
    }),
  )
})

test('of a source that did not change only what was not loaded is loaded', () => {
  fc.assert(
    fc.property(anywhere, fc.integer({ min: 1, max: 20 }), fc.nat(), (source, wanted, done) => {
      const ranges = cut(source, wanted)
      if (!ranges) return
      const finished = done % (ranges.count + 1)
      const beside = new Map([...source].filter(([id]) => (rangeOf(ranges, id) ?? 0) < finished))
      const { left, loaded } = carriedOut(ranges, source, beside)
      expect(left).toEqual(source)
      expect(loaded).toBe(source.size - beside.size)
    }),
  )
})

test('every key of the source lies in one range, of which there are no more than a few times as many as were wanted', () => {
  fc.assert(
    fc.property(anywhere, fc.integer({ min: 1, max: 20 }), (source, wanted) => {
      const ranges = cut(source, wanted)
      if (!ranges) return
      for (const id of source.keys()) expect(numbersOf(ranges)).toContain(rangeOf(ranges, id))
      expect(ranges.count).toBeLessThanOrEqual(2 * Math.ceil(source.size / wanted) + 1)
      expect(ranges.from).toBeGreaterThanOrEqual(bigint64.min)
    }),
  )
})

test('a few rows more at either end leave the places where it is cut', () => {
  const before = cutRanges({ least: 1n, greatest: 8_000_000n }, 8_000_000, 1_000_000)
  const after = cutRanges({ least: -20n, greatest: 8_100_000n }, 8_100_020, 1_000_000)
  expect(before).toEqual({ from: 0n, width: 2n ** 20n, count: 8 })
  expect(after).toEqual({ from: -(2n ** 20n), width: 2n ** 20n, count: 9 })
})

test('keys that are too far apart are not cut', () => {
  expect(cutRanges({ least: bigint64.min, greatest: bigint64.max }, 1e9, 1000)).toBeUndefined()
})
