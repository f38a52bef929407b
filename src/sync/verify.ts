import type { Checksum, ReadRequest, Snapshot, WriteSession } from '../connectors/connector.ts'
import type { Applied, Refused, Reject } from '../core/changes.ts'
import { formatCount } from '../core/count.ts'
import { RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Compared, Stage, Staged } from '../stage/stage.ts'
import type { Comparison } from './compare-ends.ts'
import { conformTarget, sameNative } from './conforming.ts'
import type { Work } from './ends.ts'
import { type Reading, readByKeys, readTarget } from './read.ts'
import type { Shape } from './shape.ts'

/** What agreement was proved by: rows that were compared, checksums of them, or their number alone. */
export type VerifiedBy = 'rows' | 'checksums' | 'counts'

interface Checked {
  /** The proof in words for people; absent where nothing was proved. */
  readonly verified?: string
  readonly verifiedBy?: VerifiedBy
  readonly notes: readonly string[]
}

interface Verified extends Checked {
  readonly moved: readonly Reject[]
}

/**
 * Reads back, before the commit, what the target has become. Rows that others changed meanwhile (`applied.moved`) and that
 * do not agree with the source are set aside as rejects (rule 13); anything else that differs stops the run.
 * @param comparison with rows that are no part of it any more, because the target refused them before (`left`).
 * @throws RunError (`VERIFY_FAILED`) naming how many rows differ.
 */
export async function verifyApplied(
  work: Work,
  stage: Stage,
  comparison: Comparison & { readonly left?: readonly Refused[] },
  applied: Applied,
  session: WriteSession,
): Promise<Verified> {
  const { verify, mode } = work.definition
  const { refused = [] } = applied
  const changed = countChanges(comparison.compared) - refused.length
  const mustLook = applied.moved.length > 0
  if (!session.snapshot) return { moved: [], ...acknowledged(work, applied), notes: [] }
  if (verify === 'off' && !mustLook) return { moved: [], notes: [] }

  await using view = await session.snapshot()
  const notes: string[] = []
  const expected = comparison.targetRows + applied.inserted - applied.deleted
  const rows = verify === 'off' ? expected : await countTarget(work, view, expected)
  if (rows !== expected) notes.push(countNote(rows, expected))
  if (verify === 'counts' && !mustLook) {
    if (rows < expected) throw failed(work, expected - rows)
    return { moved: [], ...counted(rows), notes }
  }

  const whole = verify === 'full' || comparison.shape.key.length === 0
  const differing = whole
    ? await compareWhole(work, stage, comparison, view, mode)
    : await compareTouched(work, stage, comparison, view, rows)
  const differences = await stage.without(differing, [...(comparison.left ?? []), ...refused])
  const moved = [...(await setAside(work, comparison, applied, differences)), ...(whole ? [] : notLookedUp(comparison, applied))]
  const verified = whole ? wholeAgrees : `${formatCount(changed)} changed rows were read back and agree`
  return { moved, verified, verifiedBy: 'rows', notes }
}

/** Where nothing can be read back, what the target itself said. */
function acknowledged({ definition }: Work, { acknowledged: by }: Applied): Pick<Checked, 'verified' | 'verifiedBy'> {
  return by === undefined || definition.verify === 'off' ? {} : { verified: by, verifiedBy: 'counts' }
}

const wholeAgrees = 'the whole target was read back and agrees'

/** @param why no more was proved, where that was not asked for. */
function counted(rows: number, why?: string): Pick<Checked, 'verified' | 'verifiedBy'> {
  return { verified: `row counts agree (${formatCount(rows)})${why === undefined ? '' : `: ${why}`}`, verifiedBy: 'counts' }
}

/** Rows of the target or its scope; what is expected where the target cannot count a scope by itself. */
async function countTarget(work: Work, view: Snapshot, expected: number): Promise<number> {
  const { request, rest } = readTarget(work.definition, [], view.pushdown)
  return rest.where === undefined ? await view.count(request) : expected
}

function countNote(rows: number, expected: number): string {
  const which = rows > expected ? 'more' : 'fewer'
  return `the target holds ${which} rows than this run left there (${formatCount(rows)}, not ${formatCount(expected)}): others write to it too`
}

/** What a full load read: for comparing with what the target now holds. */
export interface LoadedSource {
  readonly view: Snapshot
  readonly request: ReadRequest
  readonly rows: number
  /** Its checksum, where that was begun while it was loaded. */
  readonly checksum?: Promise<Checksum> | undefined
}

/**
 * Begins the checksum of what is being loaded, where the target will be asked for the same one and the source reads several streams
 * side by side: by the end of the load only the target's is left. It ends with its view at the latest, and a failure is told to
 * whoever waits for it.
 */
export function beginChecksum({ definition, source }: Work, { pairs }: Shape, { view, request }: Omit<LoadedSource, 'rows'>) {
  if (definition.verify === 'off' || definition.verify === 'counts' || definition.mode !== 'replace') return undefined
  if (source.traits.parallelReads < 2 || !pairs.every(({ from, to, zone }) => zone === undefined && sameNative(from, to))) return undefined
  const checksum = view.checksum?.(sourceColumns(request, pairs))
  checksum?.catch(() => {})
  return checksum
}

function sourceColumns(request: ReadRequest, pairs: Shape['pairs']): ReadRequest {
  return { ...request, columns: pairs.map((pair) => pair.from.name) }
}

/**
 * After a load of which nothing was held: checksums where both sides compute the same one, else the counts that were compared, with the
 * reason. To read all rows back would cost about what the load did.
 */
export async function verifyLoaded(work: Work, { pairs, table }: Shape, source: LoadedSource, session: WriteSession): Promise<Checked> {
  const { definition } = work
  if (definition.verify === 'off') return { notes: [] }
  const counts = (why?: string) => ({ ...counted(source.rows, why), notes: [] })
  if (definition.verify === 'counts') return counts()
  if (definition.mode !== 'replace') return counts('the rows that were there before were not read')
  if (!session.snapshot || !source.view.checksum) return counts(noneAlike)
  if (pairs.some(({ zone }) => zone !== undefined)) return counts('times that cross a zone are not the same texts on both sides')
  await using view = await session.snapshot()
  if (!view.checksum) return counts(noneAlike)
  const [from, to] = await Promise.all([
    source.checksum ?? source.view.checksum(sourceColumns(source.request, pairs)),
    view.checksum({ source: { table: table.ref }, columns: pairs.map((pair) => pair.to.name) }),
  ])
  if (from.form !== to.form) return counts(noneAlike)
  if (from.value !== to.value || from.rows !== to.rows) throw failed(work, Math.abs(from.rows - to.rows))
  return { verified: `checksums of all ${formatCount(to.rows)} rows agree`, verifiedBy: 'checksums', notes: [] }
}

const noneAlike = 'both sides compute no checksum alike, and reading all rows back costs about what the load did'

/** A load of so few rows is read back by default: that costs next to nothing, and needs no checksum. */
const few = 10_000

/** After a load that the stage held: every row read back where that was asked for, or where they are few. */
export async function verifyHeld(work: Work, stage: Stage, shape: Shape, source: Staged, session: WriteSession): Promise<Checked> {
  const { verify } = work.definition
  if (verify === 'off') return { notes: [] }
  if (verify === 'counts') return { ...counted(source.rows), notes: [] }
  if (!session.snapshot || (verify !== 'full' && source.rows > few)) return { ...counted(source.rows, tooMany), notes: [] }
  await using view = await session.snapshot()
  const actual = await readBack(work, stage, shape, source, view)
  const differences = countChanges(await stage.compare(source, actual, { key: shape.key, mode: 'mirror' }))
  if (differences > 0) throw failed(work, differences)
  return { verified: wholeAgrees, verifiedBy: 'rows', notes: [] }
}

const tooMany = 'reading all rows back costs about what the load did'

/** Only the rows of the change set: the rest was compared when it was read. */
async function compareTouched(work: Work, stage: Stage, comparison: Comparison, view: Snapshot, rows: number): Promise<Compared> {
  const { shape, compared, source } = comparison
  const { key, table } = shape
  const many = compared.deletes.count === 0 && countChanges(compared) > mostByKey * rows
  if (many || !view.pushdown.has('keys')) {
    return await stage.compare(compared.after, await readBack(work, stage, shape, source, view), { key, mode: 'upsert' })
  }
  const { request, rest } = readTarget(work.definition, table.columns, view.pushdown)
  const touched = await readByKeys(view, request, key, () => compared.touched(5_000), table.columns)
  const actual = await stageTarget(work, stage, shape, source, { rows: touched, rest })
  return await stage.compare(compared.after, actual, { key, mode: 'mirror' })
}

/** Past this share of the target's rows it costs less to read all of them than those by their keys. */
const mostByKey = 0.2

/** Everything. Rows that only the target has are a difference where this run would have deleted them. */
async function compareWhole(work: Work, stage: Stage, comparison: Comparison, view: Snapshot, mode: string): Promise<Compared> {
  const { shape, source } = comparison
  const actual = await readBack(work, stage, shape, source, view)
  const comparable = mode === 'mirror' || mode === 'replace' ? 'mirror' : 'upsert'
  return await stage.compare(source, actual, { key: shape.key, mode: shape.key.length === 0 ? 'append' : comparable })
}

/** The target, or its scope, as it now is. */
export async function readBack(work: Work, stage: Stage, shape: Shape, source: Staged, view: Snapshot): Promise<Staged> {
  const { request, rest } = readTarget(work.definition, shape.table.columns, view.pushdown)
  return await stageTarget(work, stage, shape, source, { rows: await view.read(request), rest })
}

function countChanges({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}

async function stageTarget(
  work: Work,
  stage: Stage,
  { pairs }: Shape,
  source: Staged,
  read: { readonly rows: Rows; readonly rest: Reading['rest'] },
): Promise<Staged> {
  const landed = await stage.land(read.rows)
  const asText = new Set(Object.entries(source.held).flatMap(([name, held]) => (held === 'text' ? [name] : [])))
  const columns = pairs.map((pair) => {
    const there = read.rows.columns.find((column) => column.name === pair.to.name) ?? pair.to
    return conformTarget(pair, asText, there)
  })
  const { staged, overflow } = await stage.conform(landed, { columns, ...read.rest })
  await landed.release()
  if (overflow.length > 0) throw failed(work, 1)
  return staged
}

export const movedMeanwhile = 'others changed this row of the target while the run went on; the next run compares it again'

async function setAside(work: Work, { shape }: Comparison, applied: Applied, differences: Compared): Promise<readonly Reject[]> {
  const count = countChanges(differences)
  if (count === 0) return []
  if (count > applied.moved.length) throw failed(work, count)
  const names = shape.pairs.map((pair) => pair.to.name)
  const samples = await differences.samples(count)
  const keys = new Set(applied.moved.map((moved) => JSON.stringify(moved.key.map(String))))
  return samples.map((sample) => {
    const row = rowOf(names, sample)
    if (!keys.has(JSON.stringify(shape.key.map((name) => String(row[name]))))) throw failed(work, count)
    return { reason: 'moved', detail: movedMeanwhile, row }
  })
}

/** Of rows that should have gone and had moved those whose key is NULL: they are not read back by it, so nobody knows of them. */
function notLookedUp({ shape }: Comparison, { moved }: Applied): readonly Reject[] {
  const lost = moved.filter(({ key }) => key.includes(null))
  return lost.map(({ key }) => {
    const row = Object.fromEntries(shape.key.map((name, index) => [name, key[index] == null ? null : String(key[index])]))
    return { reason: 'moved', detail: movedMeanwhile, row }
  })
}

function rowOf(names: readonly string[], sample: ChangeSample): Reject['row'] {
  const cells = sample.after ?? sample.before ?? []
  return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null]))
}

function failed({ definition, target }: Work, rows: number): RunError {
  const isDatabase = target.traits.atomicity !== 'none'
  const left = isDatabase ? 'everything was rolled back' : 'they stay as they are'
  return new RunError({
    code: 'VERIFY_FAILED',
    message: `\`${definition.name}\`: after writing, ${rows === 0 ? 'some' : formatCount(rows)} rows of the target were not as they should be; ${left}`,
    hint: `${isDatabase ? triggers : 'look at what the target does with the fields that it is sent: it may change or drop some'}; or leave the column out with \`select\``,
  })
}

const triggers = 'a trigger, a rule or a default of the target may change what is written: look at its definition'
