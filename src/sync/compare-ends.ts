import type { Snapshot } from '../connectors/connector.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import type { Compared, Conformed, Conforming, Landed, Stage, Staged } from '../stage/stage.ts'
import { conformSource, conformTarget } from './conforming.ts'
import { columnNotFound, describeEnds, type Ends, type Work } from './ends.ts'
import { choosePath } from './path.ts'
import { type Reading, readByKeys, readSource, readTarget } from './read.ts'
import { columnsAsRead, type Pair, type Shape, selectColumns, shapeSync, typesAreKnown } from './shape.ts'

/** Both ends as the target stores them, and what would bring the target in step. */
export interface Comparison {
  readonly shape: Shape
  readonly source: Staged
  readonly compared: Compared
  /** Rows of the source, rejects included. */
  readonly read: number
  /** Rows of the target, or of its scope, before. */
  readonly targetRows: number
  /** The target rows that were compared, all of them unless only some keys were read. */
  readonly target: Staged
  readonly watermark: string | null
  readonly bytes: number
  /** The way that a run of this sync takes, and why, in one line. */
  readonly path: string
}

export interface CompareEndsOptions {
  readonly mode: 'mirror' | 'upsert' | 'append'
  /** Where reading begins: the watermark of the last run, or `null` for everything. */
  readonly watermark: string | null
}

/** Brings both ends into the stage and compares them. Both snapshots are closed when it returns. */
export async function compareEnds(work: Work, stage: Stage, options: CompareEndsOptions): Promise<Comparison> {
  const ends = await describeEnds(work)
  await using sourceView = await openView(work, 'source')
  await using targetView = ends.target && (await openView(work, 'target'))
  const from = await lowerBound(work, stage, ends, options.watermark)
  const reading = readSource(work.definition, ends.source, sourceView.pushdown, from)
  const sides = new Sides(work, stage, ends, { source: sourceView, target: targetView })

  await sides.readSource(reading)
  const landing = sides.landSource()
  // Handled by the await below; without this an early failure of the target would leave it unhandled.
  landing.catch(() => {})
  const shape = typesAreKnown(work, ends) ? sides.shape() : sides.shape(await stage.infer(await landing))
  if (options.mode === 'mirror')
    await sides.landTarget(shape, readTarget(work.definition, targetColumns(ends, shape), sides.targetPushdown))
  await landing

  const staged = await sides.conform(shape, reading, options.mode, from)
  work.progress('comparing', { rows: 0, bytes: sides.bytes })
  const compared = await stage.compare(staged.source.staged, staged.target, { key: shape.key, mode: options.mode })
  const cursor = cursorColumn(work, shape)
  return {
    shape,
    source: staged.source.staged,
    target: staged.target,
    compared,
    read: staged.source.read,
    targetRows: await sides.targetRows(staged.target),
    watermark: cursor ? latest(options.watermark, await stage.maximum(staged.source.staged, cursor.to.name)) : null,
    bytes: sides.bytes,
    path: sides.path(shape, reading),
  }
}

/** Above this many source rows a target that is not much larger is read whole rather than key by key. */
const mostKeysAlways = 2_000

/** The two ends on their way into the stage. */
class Sides {
  readonly #work: Work
  readonly #stage: Stage
  readonly #ends: Ends
  readonly #views: { readonly source: Snapshot; readonly target: Snapshot | undefined }
  #rows: Rows | undefined
  #source: Landed | undefined
  #target: Landed | undefined
  #targetRest: Reading['rest'] = {}
  #byKeys = false
  bytes = 0

  constructor(work: Work, stage: Stage, ends: Ends, views: { readonly source: Snapshot; readonly target: Snapshot | undefined }) {
    this.#work = work
    this.#stage = stage
    this.#ends = ends
    this.#views = views
  }

  get targetPushdown() {
    return this.#views.target?.pushdown ?? new Set<never>()
  }

  shape(inferred?: readonly Column[]): Shape {
    const columns = columnsAsRead(this.#ends.source.columns, required(this.#rows).columns, inferred)
    return shapeSync(this.#work.definition, this.#ends, selectColumns(columns, this.#work.definition.from.select), this.#work.target)
  }

  async readSource({ request }: Reading): Promise<void> {
    this.#rows = await this.#views.source.read(request)
  }

  async landSource(): Promise<Landed> {
    this.#source = await this.#land(required(this.#rows), this.#ends.source.rows)
    return this.#source
  }

  path(shape: Shape, { rest }: Reading): string {
    const { definition, target } = this.#work
    const pushedDown = rest.where === undefined
    const sourceUniques = this.#ends.source.uniques
    return choosePath({ definition, shape, rows: required(this.#rows), pushedDown, sourceUniques, target }).reason
  }

  async landTarget(shape: Shape, reading: Reading): Promise<void> {
    if (!this.#views.target || !shape.exists) return
    this.#targetRest = reading.rest
    this.#target = await this.#land(await this.#views.target.read(reading.request), this.#ends.target?.rows)
  }

  /** Both sides with the target's types; a column with cells that DuckDB cannot hold is held as text on both. */
  async conform(shape: Shape, reading: Reading, mode: CompareEndsOptions['mode'], from?: string) {
    const asText = new Set<string>()
    while (true) {
      const source = await this.#conformSource(shape, reading, asText)
      if (grow(asText, source.overflow)) continue
      if (!this.#target && mode !== 'mirror') await this.#landMatching(shape, source.staged, from)
      const target = await this.#conformTarget(shape, asText)
      if (grow(asText, target?.overflow ?? [])) continue
      await Promise.all([this.#source?.release(), this.#target?.release()])
      return { source, target: target?.staged ?? (await this.#stage.empty(shape.table.columns)) }
    }
  }

  /** Rows of the target (or its scope) in all, also where only some were read. */
  async targetRows(target: Staged): Promise<number> {
    if (!this.#byKeys || !this.#views.target) return target.rows
    return await this.#views.target.count(readTarget(this.#work.definition, [], this.targetPushdown).request)
  }

  async #conformSource(shape: Shape, { rest }: Reading, asText: ReadonlySet<string>): Promise<Conformed> {
    const cursor = rest.cursor && { ...rest.cursor, column: cursorColumn(this.#work, shape)?.to.name ?? rest.cursor.column }
    return await this.#stage.conform(required(this.#source), {
      columns: shape.pairs.map((pair) => conformSource(pair, asText, this.#work.target)),
      ...rest,
      ...(cursor ? { cursor } : {}),
      key: shape.key,
      enforce: true,
    })
  }

  async #conformTarget(shape: Shape, asText: ReadonlySet<string>): Promise<Conformed | undefined> {
    if (!this.#target) return undefined
    const columns = shape.pairs.map((pair) => this.#conformingTarget(pair, asText)).filter((column) => column !== undefined)
    return await this.#stage.conform(this.#target, { columns, ...this.#targetRest })
  }

  /** `undefined` for a column that the target does not have yet. */
  #conformingTarget(pair: Pair, asText: ReadonlySet<string>): Conforming | undefined {
    const there = this.#ends.target?.columns.find((column) => column.name === pair.to.name)
    return there && conformTarget(pair, asText, there)
  }

  /** For modes that delete nothing: only the target rows that the source's may meet. */
  async #landMatching(shape: Shape, source: Staged, from: string | undefined): Promise<void> {
    const view = this.#views.target
    if (!view || !shape.exists) return
    const cursor = cursorColumn(this.#work, shape)
    if (shape.key.length === 0) {
      // A keyless append without a cursor adds whatever it reads; nothing of the target matters.
      if (!cursor) return
      const window = from === undefined ? undefined : { column: cursor.to.name, from }
      return await this.landTarget(shape, readTarget(this.#work.definition, targetColumns(this.#ends, shape), view.pushdown, window))
    }
    const reading = readTarget(this.#work.definition, targetColumns(this.#ends, shape), view.pushdown)
    const few = source.rows <= Math.max(mostKeysAlways, (this.#ends.target?.rows ?? 0) / 20)
    if (!few || !view.pushdown.has('keys')) return await this.landTarget(shape, reading)
    this.#byKeys = true
    this.#targetRest = reading.rest
    const columns = targetColumns(this.#ends, shape)
    const keys = () => this.#stage.keys(source, shape.key, 5_000)
    this.#target = await this.#land(await readByKeys(view, reading.request, shape.key, keys, columns))
  }

  async #land(rows: Rows, total?: number): Promise<Landed> {
    const landed = await this.#stage.land(rows, (done) =>
      this.#work.progress('reading', { rows: done.rows, bytes: done.bytes, ...(total === undefined ? {} : { total }) }),
    )
    this.bytes += landed.bytes
    return landed
  }
}

async function openView({ source, target }: Work, side: 'source' | 'target'): Promise<Snapshot> {
  const { reader } = side === 'source' ? source : target
  return await required(reader).snapshot()
}

function targetColumns(ends: Ends, shape: Shape): readonly Column[] {
  const written = new Set(shape.table.columns.map((column) => column.name))
  return ends.target?.columns.filter((column) => written.has(column.name)) ?? []
}

/** The pair of the sync's cursor. */
function cursorColumn({ definition }: Work, shape: Shape): Pair | undefined {
  const { cursor } = definition.from
  if (cursor === undefined) return undefined
  return (
    shape.pairs.find((pair) => pair.from.name === cursor) ??
    columnNotFound(
      cursor,
      shape.pairs.map((pair) => pair.from),
    )
  )
}

async function lowerBound({ definition }: Work, stage: Stage, ends: Ends, watermark: string | null): Promise<string | undefined> {
  const { cursor, lag } = definition.from
  if (cursor === undefined || watermark === null) return undefined
  const column = ends.source.columns.find((one) => one.name === cursor) ?? columnNotFound(cursor, ends.source.columns)
  const typed = column.untyped ? (ends.target?.columns.find((one) => one.name === cursor) ?? column) : column
  return lag === undefined ? watermark : await stage.earlier(watermark, lag, typed)
}

/** A run that found nothing new keeps its watermark. */
function latest(before: string | null, found: string | null): string | null {
  return found ?? before
}

function grow(asText: Set<string>, overflow: readonly string[]): boolean {
  const before = asText.size
  for (const name of overflow) asText.add(name)
  return asText.size > before
}

function required<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('an end was used before it was opened')
  return part
}
