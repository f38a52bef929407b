import type { Bounds, Bucket, Cut } from '../connectors/connector.ts'
import { agree, type Both, type Hashed, isCountable, rowsOf, type Side } from './hashed-sides.ts'

/** One cut, in the names of each side. */
export interface Cuts extends Both<Cut> {
  readonly buckets: number
}

/** How far two tables reach, and a cut that deals both sides into buckets of an even size. */
export interface Extent extends Cuts {
  /** Of the larger side, more or less. */
  readonly rows: number
  /** The least key and how far the greatest is from it, where rows are dealt by ranges of them. */
  readonly keys?: { readonly from: bigint; readonly span: bigint }
}

/** Below this many rows on either side reading costs less than asking. */
export const fewestRows = 5_000
/** Above this what the systems believe will do: buckets are then a little larger or smaller than meant. */
const enough = 20 * fewestRows
/** Rows of a bucket on average: one that differs has that many read. */
const bucketRows = 128
const mostBuckets = 65_536
/** As many buckets are looked at first, to see how far the sides are apart. */
const sampledBuckets = 64
/** Smaller buckets may be as many as this: they are held in memory. */
const mostSmallBuckets = 262_144
/** What it costs to move a small bucket, and the hash of a row: in bytes, more or less, the work of both sides included. */
const cost = { bucket: 80, row: 40 }

/** @param believed what the systems believe to hold, where all their rows are meant. @returns why not, where there are few rows. */
export async function measure({ source, target }: Both, believed: Both<number | undefined>): Promise<Extent | string> {
  const rows = await Promise.all([rowsOf(source, enough, believed.source), rowsOf(target, enough, believed.target)])
  if (Math.min(...rows) < fewestRows) return 'a side has few rows'
  const [ours, theirs] = await Promise.all([boundsOf(source), boundsOf(target)])
  const most = Math.max(...rows)
  const buckets = Math.min(mostBuckets, Math.ceil(most / bucketRows))
  const dealt = { source: hashCut(source, buckets), target: hashCut(target, buckets), buckets, rows: most }
  if (!ours || !theirs) return dealt
  const keys = reach(ours, theirs)
  if (keys.span / BigInt(most) > 1_000n) return dealt
  return { ...rangesOf({ source, target }, keys, keys.span / BigInt(buckets) + 1n), buckets, rows: most, keys }
}

async function boundsOf({ digests, request, key }: Side): Promise<Bounds | undefined> {
  const [only, ...others] = key
  if (!only || !isCountable(only) || others.length > 0) return undefined
  return await digests.bounds(request, only.name)
}

/** From the first key of both sides to the last. */
function reach(ours: Bounds, theirs: Bounds): Required<Extent>['keys'] {
  const ascending = [ours.least, theirs.least, ours.greatest, theirs.greatest].toSorted((a, b) => (a < b ? -1 : 1))
  const [from = 0n] = ascending
  return { from, span: (ascending[3] ?? 0n) - from }
}

function hashCut({ key }: Side, buckets: number): Cut {
  return { by: 'hash', columns: key.map(({ name }) => name), buckets }
}

function rangesOf({ source, target }: Both, { from, span }: Required<Extent>['keys'], width: bigint): Cuts {
  const cut = ({ key }: Side): Cut => ({ by: 'width', column: key[0]?.name ?? '', from, width })
  return { source: cut(source), target: cut(target), buckets: Number(span / width) + 1 }
}

/** Both sides, bounded to some buckets. */
export function some({ source, target }: Hashed, cuts: Cuts, numbers: readonly number[]): Hashed {
  return {
    source: { ...source, request: { ...source.request, buckets: { cut: cuts.source, numbers } } },
    target: { ...target, request: { ...target.request, buckets: { cut: cuts.target, numbers } } },
  }
}

/** Both sides, bounded to buckets all over the tables; `undefined` where there are so few that all may as well be asked for. */
export function sampled(hashed: Hashed, extent: Extent): Hashed | undefined {
  if (extent.buckets < 16 * sampledBuckets) return undefined
  const numbers = Array.from({ length: sampledBuckets }, (_, index) => Math.floor((index * extent.buckets) / sampledBuckets))
  return some(hashed, extent, numbers)
}

export interface BucketsFound {
  readonly differing: readonly number[]
  /** Rows of all buckets, and of those that differ. */
  readonly all: Both<number>
  readonly rows: Both<number>
  /** Of the buckets that hold rows. */
  readonly share: number
  readonly bytes: number
}

export async function compareBuckets(hashed: Hashed, cuts: Cuts): Promise<BucketsFound> {
  const found = await askBuckets(hashed, cuts)
  const differing = found.filter((bucket) => bucket.differs)
  const rows = (buckets: readonly Found[]) => ({ source: sum(buckets, (one) => one.source), target: sum(buckets, (one) => one.target) })
  return {
    differing: differing.map(({ number }) => number),
    all: rows(found),
    rows: rows(differing),
    share: found.length === 0 ? 0 : differing.length / found.length,
    bytes: sum(found, ({ bytes }) => bytes),
  }
}

/** A bucket that holds rows: how many on each side. */
interface Found extends Both<number> {
  readonly number: number
  readonly differs: boolean
  /** What it took to say so. */
  readonly bytes: number
}

async function askBuckets({ source, target }: Hashed, cuts: Cuts): Promise<readonly Found[]> {
  const [ours, theirs] = await Promise.all([
    source.digests.buckets(source.request, cuts.source),
    target.digests.buckets(target.request, cuts.target),
  ])
  const there = new Map(theirs.map((bucket) => [bucket.number, bucket]))
  const found = ours.map((bucket): Found => {
    const other = there.get(bucket.number)
    there.delete(bucket.number)
    return {
      number: bucket.number,
      source: bucket.rows,
      target: other?.rows ?? 0,
      differs: !agree(bucket, other),
      bytes: bytesOf(bucket) + (other ? bytesOf(other) : 0),
    }
  })
  const only = [...there.values()].map(
    (bucket): Found => ({ number: bucket.number, source: 0, target: bucket.rows, differs: true, bytes: bytesOf(bucket) }),
  )
  return [...found, ...only]
}

function bytesOf({ number, rows, digest }: Bucket): number {
  return `${number}${rows}${digest}`.length
}

function sum<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

/**
 * A cut into buckets so small that most of them agree, where changes are scattered over most of the larger ones. How small is
 * tried out with the rows of a sample, each of which is hashed by itself.
 * @returns `undefined` where hashes of all rows cost hardly more.
 */
export async function smallBuckets(hashed: Hashed, sample: Hashed, { keys, rows }: Extent): Promise<Cuts | undefined> {
  if (!keys) return undefined
  // Numbers of buckets have 32 bits.
  let width = keys.span / 2n ** 31n + 1n
  let dealt = await askBuckets(sample, rangesOf(hashed, keys, width))
  const scale = rows / sum(dealt, largerSide)
  let best: { readonly width: bigint; readonly cost: number } | undefined
  for (; dealt.length > sampledBuckets; dealt = coarser(dealt), width *= 2n) {
    const buckets = scale * dealt.length
    const differing = scale * sum(dealt, (one) => (one.differs ? largerSide(one) : 0))
    const wanted = buckets * cost.bucket + differing * cost.row
    if (buckets <= mostSmallBuckets && wanted < (best?.cost ?? (rows * cost.row) / 2)) best = { width, cost: wanted }
  }
  return best && rangesOf(hashed, keys, best.width)
}

function largerSide({ source, target }: Found): number {
  return Math.max(source, target)
}

/** Two buckets that lie beside each other as one. */
function coarser(buckets: readonly Found[]): readonly Found[] {
  const joined = new Map<number, Found>()
  for (const bucket of buckets) {
    const number = Math.floor(bucket.number / 2)
    const { source = 0, target = 0, differs = false, bytes = 0 } = joined.get(number) ?? {}
    joined.set(number, {
      number,
      source: source + bucket.source,
      target: target + bucket.target,
      differs: differs || bucket.differs,
      bytes: bytes + bucket.bytes,
    })
  }
  return [...joined.values()]
}
