import type { Cut, ReadRequest, Snapshot } from '../connectors/connector.ts'
import { formatCount } from '../core/count.ts'
import type { Rows } from '../core/rows.ts'
import type { Compared, Stage } from '../stage/stage.ts'
import { type BucketsFound, type Cuts, compareBuckets, type Extent, fewestRows, measure, sampled, smallBuckets, some } from './buckets.ts'
import type { Ends, Work } from './ends.ts'
import { type Both, digestsOf, type Hashed, hashable, isUnique, type Side } from './hashed-sides.ts'
import { type Reading, readByKeys, readTarget } from './read.ts'
import type { Shape } from './shape.ts'

/** Two tables of which most is known to agree without having been read. */
export interface Narrowed {
  /** The way and why, in one line. */
  readonly path: string
  /** Rows of each side that are still to be read, and rows that agree. */
  readonly source: Part
  readonly target: Part
  readonly agreeing: number
  /** What the hashes took on their way. */
  readonly bytes: number
}

interface Part {
  readonly rows: number
  read(request: ReadRequest): Promise<Rows>
}

export interface Narrowable {
  readonly work: Work
  readonly stage: Stage
  readonly ends: Ends
  readonly shape: Shape
  readonly source: Snapshot
  readonly target: Snapshot
  readonly reading: Reading
}

/** Past this share of buckets that differ their rows are so many that smaller buckets, or hashes of all rows, move less. */
const mostBucketsDiffering = 0.4
/** Past this share of rows that differ both sides are better read as a whole. */
const mostRowsDiffering = 0.3

/**
 * Compares by hashes that both sides compute where their rows live, and leaves to be read only rows that differ: those of
 * the buckets that differ, or where changes are scattered over most of them, those whose own hashes differ (rule 25).
 * @returns why not, where the sides have to be read as a whole.
 */
export async function narrow(sides: Narrowable): Promise<Narrowed | string> {
  const obstacle = findObstacle(sides)
  if (obstacle !== undefined) return obstacle
  const both = bothSides(sides)
  const extent = await measure(both, believedRows(sides))
  if (typeof extent === 'string') return extent
  const hashed = await hashable(both)
  if (typeof hashed === 'string') return hashed
  const cuts = await promisingCuts(hashed, extent)
  const found = cuts && (await compareBuckets(hashed, cuts))
  if (!found || found.share > mostBucketsDiffering) return await byFingerprints(sides, hashed)
  return await byRanges(sides, hashed, cuts, found)
}

/** Smaller buckets where a sample says that most would differ; `undefined` where those would be no better. */
async function promisingCuts(hashed: Hashed, extent: Extent): Promise<Cuts | undefined> {
  const sample = sampled(hashed, extent)
  const isScattered = sample && (await compareBuckets(sample, extent)).share > mostBucketsDiffering
  return isScattered ? await smallBuckets(hashed, sample, extent) : extent
}

function findObstacle(sides: Narrowable): string | undefined {
  const { work, shape, reading, source, target } = sides
  const { definition } = work
  if (!source.digests || !target.digests) return source.noDigests ?? target.noDigests ?? 'not both sides can hash rows where they lie'
  if (definition.verify === 'full') return 'verify: full reads both sides'
  const filtered = reading.rest.where === undefined && (definition.scope === undefined || target.pushdown.has('where'))
  if (!filtered) return 'a side cannot filter by itself'
  if (!shape.exists || shape.schema.length > 0) return 'the target lacks columns'
  if (shape.pairs.some(({ zone }) => zone !== undefined)) return 'times cross a time zone'
  return keyObstacle(sides)
}

function keyObstacle({ ends, shape }: Narrowable): string | undefined {
  if (shape.key.length === 0) return 'rows have no key'
  const keys = shape.pairs.filter(({ to }) => shape.key.includes(to.name))
  if (keys.some(({ from, to }) => from.nullable || to.folding || from.folding)) return 'keys may be NULL, or equal though they differ'
  const sourceKey = keys.map(({ from }) => from.name)
  if (!isUnique(ends.source.uniques, sourceKey) || !isUnique(shape.table.uniques, shape.key)) return 'not both sides hold the key unique'
  return undefined
}

function bothSides({ work, shape, source, target, reading }: Narrowable): Both {
  const keys = shape.key.map((name) => shape.pairs.find((pair) => pair.to.name === name)).filter((pair) => pair !== undefined)
  const { request } = readTarget(work.definition, [], target.pushdown)
  return {
    source: {
      view: source,
      digests: digestsOf(source),
      request: { ...reading.request, columns: shape.pairs.map((pair) => pair.from.name) },
      key: keys.map((pair) => pair.from),
    },
    target: {
      view: target,
      digests: digestsOf(target),
      request: { ...request, columns: shape.pairs.map((pair) => pair.to.name) },
      key: keys.map((pair) => pair.to),
    },
  }
}

/** What the systems believe to hold, where a sync is about all their rows. */
function believedRows({ work: { definition }, ends }: Narrowable): Both<number | undefined> {
  if (definition.from.where !== undefined || definition.scope !== undefined) return { source: undefined, target: undefined }
  return { source: ends.source.rows, target: ends.target?.rows }
}

/** The buckets that differ: read as they are where they hold few rows, else by the hashes of theirs. */
async function byRanges(sides: Narrowable, hashed: Hashed, cuts: Cuts, found: BucketsFound): Promise<Narrowed> {
  const { source, target } = sides
  const numbers = found.differing
  const which = `ranges: ${formatCount(numbers.length)} of ${formatCount(cuts.buckets)} buckets of rows differ by their hashes`
  const read = (view: Snapshot, cut: Cut) => async (request: ReadRequest) => await view.read({ ...request, buckets: { cut, numbers } })
  if (Math.max(found.rows.source, found.rows.target) <= fewestRows) {
    return {
      path: `${which}, and only those are read`,
      source: { rows: found.rows.source, read: read(source, cuts.source) },
      target: { rows: found.rows.target, read: read(target, cuts.target) },
      agreeing: found.all.source - found.rows.source,
      bytes: found.bytes,
    }
  }
  const { changes, bytes, ...parts } = await compareHashes(sides, some(hashed, cuts, numbers))
  const agreeing = found.all.source - parts.source.rows
  return { ...parts, path: `${which}, in them ${formatCount(changes)} rows, and only those are read`, agreeing, bytes: found.bytes + bytes }
}

/** Key and hash of every row of both sides. */
async function byFingerprints(sides: Narrowable, hashed: Hashed): Promise<Narrowed | string> {
  const { changes, most, ...narrowed } = await compareHashes(sides, hashed)
  if (changes > mostRowsDiffering * most) return 'most rows differ'
  return { ...narrowed, path: `fingerprints: ${formatCount(changes)} rows differ by their hashes, and only those are read` }
}

interface HashesCompared extends Omit<Narrowed, 'path'> {
  readonly changes: number
  /** Rows of the larger side. */
  readonly most: number
}

/** Hashes of rows, compared in the stage. */
async function compareHashes({ stage, shape, source, target }: Narrowable, hashed: Hashed): Promise<HashesCompared> {
  const [ours, theirs] = await Promise.all([landHashes(stage, hashed.source, shape), landHashes(stage, hashed.target, shape)])
  const compared = await stage.compare(ours.staged, theirs.staged, { key: shape.key, mode: 'mirror' })
  const { inserts, updates, deletes } = compared
  return {
    changes: inserts.count + updates.count + deletes.count,
    most: Math.max(ours.staged.rows, theirs.staged.rows),
    source: byKeys(source, hashed.source, compared, inserts.count + updates.count),
    target: byKeys(target, hashed.target, compared, updates.count + deletes.count),
    agreeing: ours.staged.rows - inserts.count - updates.count,
    bytes: ours.bytes + theirs.bytes,
  }
}

async function landHashes(stage: Stage, { digests, request, key }: Hashed['source'], shape: Shape) {
  const rows = await digests.hashes(
    request,
    key.map(({ name }) => name),
  )
  const landed = await stage.land(rows)
  const columns = rows.columns.map((column, index) => {
    const to = shape.table.columns.find(({ name }) => name === shape.key[index]) ?? column
    return { from: column.name, to, held: 'native' as const, trusted: true }
  })
  const { staged } = await stage.conform(landed, { columns })
  await landed.release()
  return { staged, bytes: landed.bytes }
}

function byKeys(view: Snapshot, { key }: Side, compared: Compared, rows: number): Part {
  const names = key.map(({ name }) => name)
  return {
    rows,
    read: async (request) => {
      const { columns } = await view.read({ ...request, limit: 0 })
      return await readByKeys(view, request, names, () => compared.touched(5_000), columns)
    },
  }
}
