import { isPlain } from '../../core/digest.ts'
import type { Type } from '../../core/types.ts'
import type { Bounds, Buckets, Cut, Ranges } from '../connector.ts'

/** A cell as SQL: an expression for its canonical text, NULL where it is NULL. */
export interface DigestCell {
  readonly text: string
  readonly type: Type
}

/** How an SQL engine says what hashing needs. */
export interface DigestDialect {
  /** Texts one after the other, none of them NULL. */
  concat(texts: readonly string[]): string
  /** The number of bytes of a text in UTF-8, as text. */
  byteLength(text: string): string
  /** The first digits of the MD5 of a text, as an integer. */
  md5Number(text: string, digits: 7 | 15): string
  /** The quotient of two integers, of which the first is not negative, rounded down. */
  divide(dividend: string, divisor: string): string
  modulo(dividend: string, divisor: string): string
}

/** The hash of a row in the form that every engine computes alike. */
export function rowHash(cells: readonly DigestCell[], dialect: DigestDialect): string {
  return dialect.md5Number(rowText(cells, dialect), 15)
}

/** The number of the bucket that a row is dealt into; `key` are the cells of the columns that the cut names, and `integer` is the first as an integer. */
export function bucketNumber(cut: Cut, key: readonly DigestCell[], integer: string, dialect: DigestDialect): string {
  if (cut.by === 'width') return dialect.divide(`(${integer} - (${cut.from}))`, String(cut.width))
  return dialect.modulo(dialect.md5Number(rowText(key, dialect), 7), String(cut.buckets))
}

/** The condition that only rows of these buckets meet. A few ranges of an integer are said as such: an index may find them. */
export function inBuckets({ cut, numbers }: Buckets, bucket: string, cell: (name: string) => string): string {
  if (numbers.length === 0) return '1 = 0'
  if (cut.by === 'hash' || spans({ cut, numbers }).length > mostRanges) return `${bucket} IN (${numbers.join(', ')})`
  return inRanges({ cut, numbers }, cell)
}

/** The same as a condition on the column alone, however many there are; rows outside of the cut do not meet it. */
export function inRanges(ranges: Ranges, cell: (name: string) => string): string {
  const parts = spans(ranges).map(({ least, greatest }) => `${cell(ranges.cut.column)} BETWEEN ${least} AND ${greatest}`)
  return parts.length === 0 ? '1 = 0' : `(${parts.join(' OR ')})`
}

/** The ranges that the buckets stand for, neighbours in one; none reaches past what an integer of 64 bits holds. */
export function spans({ cut: { from, width }, numbers }: Ranges): readonly Bounds[] {
  const found: Bounds[] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const least = from + BigInt(number) * width
    const greatest = least + width > mostBigint ? mostBigint : least + width - 1n
    const last = found.at(-1)
    if (last && last.greatest + 1n >= least) found[found.length - 1] = { least: last.least, greatest }
    else found.push({ least, greatest })
  }
  return found
}

const mostBigint = 2n ** 63n - 1n

const mostRanges = 100

function rowText(cells: readonly DigestCell[], dialect: DigestDialect): string {
  const fields = cells.flatMap((cell, index) => (index === 0 ? [field(cell, dialect)] : [`'|'`, field(cell, dialect)]))
  return dialect.concat(fields)
}

function field({ text, type }: DigestCell, dialect: DigestDialect): string {
  if (isPlain(type)) return `coalesce(${text}, '')`
  return `coalesce(${dialect.concat([dialect.byteLength(text), `':'`, text])}, '')`
}
