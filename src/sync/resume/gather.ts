import type { ReadRequest, Snapshot, TableBeside } from '../../connectors/connector.ts'
import { formatAmount, formatCount } from '../../core/count.ts'
import { resumeDefault } from '../../core/definition.ts'
import { RetryableError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { TableRef } from '../../core/table.ts'
import { type Ends, targetRef, type Work } from '../ends.ts'
import { type Both, digestsOf, type Hashed, hashable, isCountable, rowsOf } from '../hashed-sides.ts'
import type { LoadJournal } from '../journal/load-journal.ts'
import { metered } from '../meter.ts'
import type { Path } from '../path.ts'
import type { Reading } from '../read.ts'
import type { Pair, Shape } from '../shape.ts'
import { type Course, cutOf, cutRanges, numbersOf, planRanges, type Ranges } from './ranges.ts'

/** A load of which nothing is compared. */
export interface PassingLoad {
  readonly view: Snapshot
  readonly reading: Reading
  readonly shape: Shape
  readonly ends: Ends
  readonly path: Exclude<Path, { way: 'staged' }>
  /** Some of the source's rows, as the writer takes them; `release` once they are written. */
  onTheirWay(rows: Rows): Promise<{ readonly rows: Rows; readonly release?: () => Promise<void> }>
}

/** Every row of the source, in a table beside the target. */
export interface Gathered {
  readonly ref: TableRef
  /** Read in this run. */
  readonly bytes: number
  /** In words for people; none where nothing was there before. */
  readonly notes: readonly string[]
}

/**
 * A long replace gathers its rows beside the target, range by range, each of them committed: what lies there is what is done, and a
 * run that finds some of it has both sides hash it, keeps the ranges that agree, and reads the others alone. Nobody reads there.
 * @param takeOver puts the gathered rows in the target's place and commits that.
 * @returns `undefined` where the load is better done in one go.
 */
export async function gatherRows<Result>(
  work: Work,
  load: PassingLoad,
  journal: LoadJournal,
  takeOver: (gathered: Gathered) => Promise<Result>,
): Promise<Result | undefined> {
  const cut = await cutLoad(work, load)
  await using beside = cut && (await work.target.writer?.beside?.open(load.shape.table))
  if (!cut || !beside) return undefined
  const gathering: Gathering = { work, load, cut, beside, journal, ranges: 0, rows: 0, bytes: 0 }
  try {
    const course = await findCourse(gathering)
    if (!course) return undefined
    await keepAgreeing(gathering, course)
    await loadLacking(gathering, course)
    const result = await takeOver({ ref: beside.ref, bytes: gathering.bytes, notes: continued(course) })
    // Nothing is left but what had to be merged in; the next replace drops it where this one cannot.
    await beside.drop().catch(() => {})
    return result
  } catch (error) {
    throw await leave(gathering, error)
  }
}

/** What a run left that was to be gathered goes, where this one does not go on with it. */
export async function dropGathered({ definition, target }: Pick<Work, 'definition' | 'target'>): Promise<void> {
  if (definition.mode === 'replace') await target.writer?.beside?.drop(targetRef(definition))
}

/** The ranges of a load, and the key that they are ranges of. */
interface CutLoad {
  readonly ranges: Ranges
  readonly key: Pair
  readonly rows: number
}

/** Where a source is long, hashes its rows, and has an integer for a key by which it finds a range. */
async function cutLoad({ definition, target }: Work, { view, reading, shape, ends, path }: PassingLoad): Promise<CutLoad | undefined> {
  const wanted = definition.resume ?? resumeDefault
  if (definition.mode !== 'replace' || wanted === 'off' || isAudited(path) || !target.writer?.beside) return undefined
  if (!view.digests || !view.pushdown.has('buckets') || !target.reader) return undefined
  if ((shape.exists && shape.schema.length > 0) || shape.pairs.some(({ zone }) => zone !== undefined)) return undefined
  const key = keyOf(shape, ends)
  const rows =
    key && (await longEnough(view, reading.request, 2 * wanted, definition.from.where === undefined ? ends.source.rows : undefined))
  const bounds = rows && (await view.digests.bounds(reading.request, key.from.name))
  const ranges = bounds && cutRanges(bounds, rows, wanted)
  return ranges && ranges.count > 1 ? { ranges, key, rows } : undefined
}

/** Each text is checked by a reading of its own. */
function isAudited(path: PassingLoad['path']): boolean {
  return path.way === 'direct' && path.audited
}

function keyOf({ pairs, key }: Shape, { source }: Ends): Pair | undefined {
  const fit = pairs.filter(({ from, to }) => isCountable(from) && !from.nullable && isCountable(to))
  const unique = fit.filter(({ from }) => source.uniques.some((columns) => columns.length === 1 && columns[0] === from.name))
  return unique.find(({ to }) => key.includes(to.name)) ?? unique[0]
}

/** Few rows are counted, because a system may not have noticed yet how many came. @returns how many there are, where they are that many. */
async function longEnough(view: Snapshot, request: ReadRequest, few: number, believed = 0): Promise<number | undefined> {
  if (believed < few && believed > few / 10) return undefined
  const rows = await rowsOf({ view, request: { ...request, columns: request.columns ?? [] } }, few - 1, believed)
  return rows < few ? undefined : rows
}

interface Gathering {
  readonly work: Work
  readonly load: PassingLoad
  readonly cut: CutLoad
  readonly beside: TableBeside
  readonly journal: LoadJournal
  /** Ranges and rows that lie beside, and bytes that this run has read. */
  ranges: number
  rows: number
  bytes: number
}

/** @returns `undefined` where the two sides hash in no common form, so that what lies beside could never be looked at again. */
async function findCourse(gathering: Gathering): Promise<Course | undefined> {
  const { work, load, cut, beside } = gathering
  await using there = await work.target.reader?.snapshot()
  const hashed = there?.digests && (await hashable(bothSides(load, cut, { beside, there })))
  if (!hashed || typeof hashed === 'string') {
    await beside.drop()
    return undefined
  }
  const theirs = beside.begun ? await askBuckets(hashed.target, cut, numbersOf(cut.ranges)) : []
  // The source hashes no more than lies beside, so that the less there was done, the less is looked at again.
  const ours = await askBuckets(
    hashed.source,
    cut,
    theirs.map(({ number }) => number),
  )
  const course = planRanges(cut.ranges, ours, theirs)
  gathering.ranges = course.kept.length
  gathering.rows = theirs.filter(({ number }) => course.kept.includes(number)).reduce((sum, { rows }) => sum + rows, 0)
  return course
}

async function askBuckets({ digests, request, key: [key] }: Hashed['source'], { ranges }: CutLoad, numbers: readonly number[]) {
  if (numbers.length === 0) return []
  const cut = cutOf(ranges, key?.name ?? '')
  return await digests.buckets({ ...request, buckets: { cut, numbers } }, cut)
}

function bothSides({ view, reading, shape }: PassingLoad, { key }: CutLoad, target: { beside: TableBeside; there: Snapshot }): Both {
  const { beside, there } = target
  const names = shape.pairs.map(({ to }) => to.name)
  return {
    source: {
      view,
      digests: digestsOf(view),
      request: { ...reading.request, columns: shape.pairs.map(({ from }) => from.name) },
      key: [key.from],
    },
    target: { view: there, digests: digestsOf(there), request: { source: { table: beside.ref }, columns: names }, key: [key.to] },
  }
}

/** Rows that are not read again are recorded from where they lie. */
async function keepAgreeing(gathering: Gathering, { kept }: Course): Promise<void> {
  const { work, load, cut, beside, journal } = gathering
  if (!beside.begun) return
  const ranges = { cut: cutOf(cut.ranges, cut.key.to.name), numbers: kept }
  await beside.retain(ranges)
  await using there = await work.target.reader?.snapshot()
  if (!there || kept.length === 0) return
  const names = load.shape.pairs.map(({ to }) => to.name)
  const request = { source: { table: beside.ref }, columns: names, buckets: ranges }
  await journal.recordHeld(await there.read(request), load.path.way === 'direct' ? load.path.form : 'csv')
}

/** Every range from the same view of the source, and in a transaction of its own. */
async function loadLacking(gathering: Gathering, { lacking }: Course): Promise<void> {
  const { work, load, cut, beside, journal } = gathering
  const { view, reading, shape } = load
  const ranges = cutOf(cut.ranges, cut.key.from.name)
  for (const number of lacking) {
    work.signal.throwIfAborted()
    const rows = await view.read({ ...reading.request, buckets: { cut: ranges, numbers: [number] } })
    const before = gathering.bytes
    const meter = metered(rows, ({ bytes }) => {
      gathering.bytes = before + bytes
      work.progress('reading', { rows: gathering.rows, bytes: gathering.bytes, total: cut.rows })
    })
    const passing = await load.onTheirWay(meter.rows)
    gathering.rows += await beside.append(shape.table, await journal.recordPart(passing.rows))
    gathering.ranges++
    await passing.release?.()
  }
}

function continued({ kept, lacking }: Course): readonly string[] {
  if (kept.length === 0) return []
  return [`continued: ${formatCount(kept.length)} of ${formatAmount(kept.length + lacking.length, 'range')} were there already and agree`]
}

/** What would only fail again is given up; everything else stays, and is said to. @returns what to throw. */
async function leave({ work, beside, cut, ranges }: Gathering, error: unknown): Promise<unknown> {
  if (work.signal.aborted) return error
  if (error instanceof RetryableError) return ranges === 0 ? error : new RangesKeptError(error, ranges, cut.ranges.count)
  await beside.drop().catch(() => {})
  return error
}

/** A run stopped while ranges lay beside the target. The error that stopped it is its `cause`. */
class RangesKeptError extends RetryableError {
  constructor(cause: RetryableError, ranges: number, of: number) {
    const kept = `${formatCount(ranges)} of ${formatAmount(of, 'range')} are loaded beside the table, and the next run goes on with them`
    super({ code: cause.code, message: cause.message, hint: cause.hint === undefined ? kept : `${cause.hint}; ${kept}`, cause })
  }
}
