import type { Checksum, Keep, Replaced, Snapshot, WriteSession } from '../connectors/connector.ts'
import type { Applied } from '../core/changes.ts'
import { NotDirectError, RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import type { Landed, Stage, Staged } from '../stage/stage.ts'
import { type BeforeCommit, commit, type Outcome } from './apply.ts'
import { conformSource } from './conforming.ts'
import { beginWriting, describeEnds, type Ends, type Work } from './ends.ts'
import { passedGuard, replaceImpact } from './guard.ts'
import type { LoadJournal } from './journal/load-journal.ts'
import { metered } from './meter.ts'
import { choosePath, type Path } from './path.ts'
import { type Reading, readSource, readUntilKnown } from './read.ts'
import { readEnds } from './read-ends.ts'
import { refuseRejects, SetAside } from './rejects.ts'
import { dropGathered, type Gathered, gatherRows } from './resume/gather.ts'
import { columnsAsRead, ownColumns, type Pair, type Shape, selectColumns, shapeSync, typesAreKnown } from './shape.ts'
import { beginChecksum, verifyHeld, verifyLoaded } from './verify.ts'
import { WithheldError } from './withheld.ts'

/** What a full load did. */
export interface Loaded {
  readonly outcome: Outcome
  readonly shape: Shape
  readonly path: string
  readonly read: number
  readonly bytes: number
  readonly rejects: SetAside
}

/** A stage that is opened when it is first asked for: the direct way needs none. */
export type OpenStage = () => Promise<Stage>

/**
 * Loads every row of the source with nothing compared (`replace`, and `append` where no row can have been seen before):
 * directly where the path allows, through the stage where not.
 * @throws NotDirectError where the sides have to be compared after all.
 */
export async function loadSource(work: Work, openStage: OpenStage, journal: LoadJournal, beforeCommit: BeforeCommit): Promise<Loaded> {
  const ends = await describeEnds(work)
  const blind = whyNotBlindly(work, ends)
  const whyNot = blind ?? (await tryDirect(work, ends, openStage, { journal, beforeCommit }))
  if (typeof whyNot !== 'string') return whyNot
  await dropGathered(work)
  if (blind !== undefined || work.definition.mode === 'append' || takesNoLoads(work))
    throw new NotDirectError({ code: 'NOT_DIRECT', message: whyNot })
  // Rejects of its own: where the target refuses a row, the sides are compared after all, and the same rejects are found again.
  return await loadHeld(work, ends, (await openStage()).part(), { journal, beforeCommit }, whyNot)
}

/** A target that takes changes one by one, as an API does, is compared with, whatever the mode. */
function takesNoLoads({ target }: Work): boolean {
  return target.writer?.accepts.length === 0
}

/**
 * Columns that only the target has keep their values (rule 18), and deletes that take other tables' rows along have to be
 * counted (rule 19): in both cases the rows that stay have to be known.
 */
function whyNotBlindly({ definition }: Work, { source, target }: Ends): string | undefined {
  if (definition.mode !== 'replace' || !target) return undefined
  const { select } = definition.from
  const travelling = source.columns.filter(({ name }) => select?.includes(name) ?? true).map(({ name }) => name.toLowerCase())
  const own = target.columns.filter(({ name, generated }) => !generated && !travelling.includes(name.toLowerCase()))
  if (own.some((column) => !column.defaulted && column.identity === undefined)) {
    const names = own.map(({ name }) => name).join(', ')
    return `staged: the target has columns of its own (${names}), which its rows keep`
  }
  const cascades = target.dependents && target.dependents.cascades.length > 0 && (definition.key ?? target.key).length > 0
  return cascades ? 'staged: deletes would take rows of other tables along' : undefined
}

/** What is seen to before a load is committed. */
interface Ending {
  readonly journal: LoadJournal
  readonly beforeCommit: BeforeCommit
}

/** The loaded rows, or why the stage has to hold them. */
async function tryDirect(work: Work, described: Ends, openStage: OpenStage, ending: Ending): Promise<Loaded | string> {
  await using view = await openSource(work)
  const reading = readSource(work.definition, described.source, view.pushdown)
  const { ends, rows } = await readEnds(work, described, view, reading.request)
  const { shape, landed } = await shapeRows(work, ends, rows, openStage)
  const path = choosePath({
    definition: work.definition,
    shape,
    rows,
    pushedDown: reading.rest.where === undefined,
    sourceUniques: ends.source.uniques,
    target: work.target,
  })
  if (path.way === 'staged') return path.reason
  try {
    const pairs = path.way === 'direct' ? shape.pairs : asTheyAre(shape)
    const carried = { view, reading, rows, shape, path, ends, pairs, source: rows }
    const gathered = landed ? undefined : await carryInRanges(work, carried, openStage, ending)
    if (gathered) return gathered
    await dropGathered(work)
    if (path.way === 'direct') return await carry(work, carried, openStage, ending)
    const told = (done: Parameters<Work['progress']>[1]) => work.progress('reading', done)
    const streamed = await streamRows(work, shape, landed ?? (await (await openStage()).land(rows, told)), await openStage())
    return await carry(work, { ...carried, ...streamed }, openStage, ending)
  } catch (error) {
    if (error instanceof NotDirectError) return `staged: ${error.message}`
    throw error
  }
}

interface Carried {
  readonly view: Snapshot
  readonly reading: Reading
  /** What the writer takes. */
  readonly rows: Rows
  /** What the reader gave. */
  readonly source: Rows
  readonly shape: Shape
  readonly ends: Ends
  /** How the cells that the writer takes become the target's. */
  readonly pairs: readonly Pair[]
  readonly path: Exclude<Path, { way: 'staged' }>
  /** Once all is read: throws where the source changed meanwhile. */
  readonly release?: () => Promise<void>
  /** They lie beside the target already. */
  readonly gathered?: Gathered
}

/** @returns `undefined` where it is better done in one go. */
async function carryInRanges(work: Work, carried: Carried, openStage: OpenStage, ending: Ending): Promise<Loaded | undefined> {
  const { shape, path } = carried
  const streamed = async (rows: Rows) => {
    const stage = await openStage()
    return await streamRows(work, shape, await stage.land(rows), stage)
  }
  const onTheirWay = path.way === 'direct' ? async (rows: Rows) => ({ rows }) : streamed
  const takeOver = async (gathered: Gathered) => await carry(work, { ...carried, gathered }, openStage, ending)
  return await gatherRows(work, { ...carried, onTheirWay }, ending.journal, takeOver)
}

async function carry(work: Work, carried: Carried, openStage: OpenStage, { journal, beforeCommit }: Ending): Promise<Loaded> {
  const { shape, path, view, reading, ends, pairs, gathered } = carried
  await using session = await beginWriting(work)
  const schema = await session.ensureTable(shape.table)
  let checksum: Promise<Checksum> | undefined
  const meter = metered(carried.rows, (done) => {
    // Once rows flow: where a view has one session alone, they come first.
    checksum ??= beginChecksum(work, shape, { view, request: reading.request })
    work.progress('reading', done)
  })
  const audit = path.way === 'direct' && path.audited ? auditRows(work, carried, await openStage()) : undefined
  audit?.catch(() => {})
  const loaded = gathered
    ? await adopt(session, shape, gathered, journal.keep)
    : await load(work, session, shape, await journal.record(meter.rows), journal.keep)
  await carried.release?.()
  const given = gathered ? undefined : ((await audit) ?? carried.source.given?.())
  const expected = given ?? (await view.count(reading.request))
  refuseShort(work, loaded.rows, expected)
  checkGuard(work, loaded, expected)
  const source = { view, request: reading.request, rows: expected, checksum }
  const checked = await verifyLoaded(work, shape, source, session)
  const note = await journal.end({ session, shape, pairs, replaced: loaded, ownColumns: ownColumns(shape, ends).columns, schema })
  const outcome: Outcome = {
    applied: loadedChanges(work, loaded),
    rejects: [],
    schema,
    ...checked,
    notes: [...(gathered?.notes ?? []), ...checked.notes],
    key: shape.key,
    ...(note ? { journal: note } : {}),
  }
  await commit(work, session, outcome, beforeCommit)
  const way = gathered ? `${path.reason}, range by range` : path.reason
  return { outcome, shape, path: way, read: expected, bytes: gathered?.bytes ?? meter.bytes(), rejects: SetAside.rows([]) }
}

/** Rows of which some may not fit: cast and checked in the stage first, so that rejects are known before the target is touched. */
async function loadHeld(work: Work, ends: Ends, stage: Stage, { journal, beforeCommit }: Ending, path: string): Promise<Loaded> {
  const held = await holdSource(work, ends, stage)
  await refuseRejects(work, SetAside.of(stage), held.read)
  await using session = await beginWriting(work)
  const { loaded, ...written } = await writeHeld(work, held, stage, session, journal)
  const own = ownColumns(held.shape, ends).columns
  const note = await journal.end({
    session,
    shape: held.shape,
    pairs: asTheyAre(held.shape),
    replaced: loaded,
    ownColumns: own,
    schema: written.schema,
  })
  const outcome: Outcome = { ...written, key: held.shape.key, ...(note ? { journal: note } : {}) }
  await commit(work, session, outcome, beforeCommit)
  return { ...held, outcome, path, rejects: SetAside.of(stage) }
}

/** Every row of the source, cast and checked, in the stage. */
export interface Held {
  readonly shape: Shape
  readonly staged: Staged
  readonly read: number
  readonly bytes: number
}

/** Loads what the stage holds and verifies it; nothing is committed. */
export async function writeHeld(
  work: Work,
  { shape, staged, read }: Held,
  stage: Stage,
  session: WriteSession,
  journal?: LoadJournal,
): Promise<Outcome & { readonly loaded: Replaced }> {
  const schema = await session.ensureTable(shape.table)
  const rows = stage.rows(staged)
  const loaded = await load(work, session, shape, (await journal?.record(rows)) ?? rows, journal?.keep)
  refuseShort(work, loaded.rows, staged.rows)
  checkGuard(work, loaded, read)
  const checked = await verifyHeld(work, stage, shape, staged, session)
  return { applied: loadedChanges(work, loaded), rejects: [], schema, ...checked, loaded }
}

/** Cells that are the target's already. */
function asTheyAre({ pairs }: Shape): readonly Pair[] {
  return pairs.map(({ to }) => ({ from: to, to }))
}

export async function holdSource(work: Work, described: Ends, stage: Stage): Promise<Held> {
  return await readUntilKnown(async () => await readAndHold(work, described, stage))
}

async function readAndHold(work: Work, described: Ends, stage: Stage): Promise<Held> {
  await using view = await openSource(work)
  const { request, rest } = readSource(work.definition, described.source, view.pushdown)
  const { ends, rows } = await readEnds(work, described, view, request)
  const landed = await stage.land(rows, (done) => work.progress('reading', done))
  const inferred = typesAreKnown(work, ends) ? ends.source.columns : await stage.infer(landed)
  const columns = columnsAsRead(ends.source.columns, rows.columns, inferred)
  const shape = shapeSync(work.definition, ends, selectColumns(columns, work.definition.from.select), work.target)
  const asText = new Set<string>()
  while (true) {
    const conforming = shape.pairs.map((pair) => conformSource(pair, asText, work.target))
    const { staged, overflow, read } = await stage.conform(landed, { columns: conforming, ...rest, key: shape.key, enforce: true })
    if (overflow.length === 0) {
      await landed.release()
      return { shape, staged, read, bytes: landed.bytes }
    }
    for (const name of overflow) asText.add(name)
  }
}

/** Types of a source without types are inferred where the target needs them, which takes the stage. */
async function shapeRows(work: Work, ends: Ends, rows: Rows, openStage: OpenStage): Promise<{ shape: Shape; landed?: Landed }> {
  const { definition, target } = work
  const shape = (inferred?: readonly Column[]) => {
    const columns = columnsAsRead(ends.source.columns, rows.columns, inferred)
    return shapeSync(definition, ends, selectColumns(columns, definition.from.select), target)
  }
  if (typesAreKnown(work, ends)) return { shape: shape() }
  const stage = await openStage()
  const landed = await stage.land(rows, (done) => work.progress('reading', done))
  return { shape: shape(await stage.infer(landed)), landed }
}

async function streamRows(work: Work, shape: Shape, landed: Landed, stage: Stage): Promise<Required<Pick<Carried, 'rows' | 'release'>>> {
  const columns = shape.pairs.map((pair) => conformSource(pair, new Set(), work.target))
  return { rows: stage.stream(landed, columns), release: async () => await landed.release() }
}

/** Beside the load, the stage reads the same texts and finds those that the target would round or cut without a word. */
async function auditRows({ target }: Work, { source, shape }: Carried, stage: Stage): Promise<number> {
  const landed = await stage.land(source)
  const columns = shape.pairs.map((pair) => conformSource(pair, new Set(), target))
  const { rows, unfit } = await stage.audit(landed, { columns, enforce: true })
  await landed.release()
  if (unfit > 0)
    throw new NotDirectError({ code: 'NOT_DIRECT', message: `${unfit} rows hold a text that is not exactly a value of its column` })
  return rows
}

async function load({ definition }: Work, session: WriteSession, { table }: Shape, rows: Rows, keep?: Keep): Promise<Replaced> {
  if (definition.mode === 'replace') return await session.replace(table, rows, keep)
  return { rows: await session.append(table, rows), former: 0 }
}

async function adopt(session: WriteSession, { table }: Shape, { ref }: Gathered, keep?: Keep): Promise<Replaced> {
  if (session.adopt) return await session.adopt(table, ref, keep)
  throw new Error('a target that gathers rows does not take them over')
}

function loadedChanges({ definition }: Work, { rows, former }: Replaced): Applied {
  return { inserted: rows, updated: 0, deleted: definition.mode === 'replace' ? former : 0, moved: [] }
}

/** Rule 9: what the target took must be what the reader gave. */
function refuseShort({ definition }: Work, taken: number, given: number): void {
  if (taken === given) return
  throw new RunError({
    code: 'ROWS_LOST',
    message: `\`${definition.name}\`: the source gave ${given} rows and the target took ${taken}; everything was rolled back`,
    hint: 'run again; if it happens again, please report it',
  })
}

/** A replace is guarded by how many rows fewer there would be (rule 20). */
function checkGuard({ definition }: Work, { rows, former }: Replaced, source: number): void {
  if (definition.mode !== 'replace') return
  const passed = passedGuard(definition.guard, replaceImpact({ source, loaded: rows, former }))
  if (passed) throw new WithheldError(passed)
}

async function openSource({ source, definition }: Work): Promise<Snapshot> {
  if (source.reader) return await source.reader.snapshot()
  throw new RunError({ code: 'NOT_SUPPORTED', message: `${definition.from.connection.name} cannot be read` })
}
