import type { Snapshot } from '../connectors/connector.ts'
import { RunError } from '../core/errors.ts'
import type { Rows } from '../core/rows.ts'
import type { Column } from '../core/table.ts'
import type { Conformed, Conforming, Landed, Stage, Staged } from '../stage/stage.ts'
import { conformSource, conformTarget } from './conforming.ts'
import { cursorPair } from './cursor.ts'
import type { Ends, Work } from './ends.ts'
import { type Narrowed, narrow } from './narrow.ts'
import { choosePath } from './path.ts'
import { type Reading, readByKeys, readSource, readTarget } from './read.ts'
import { readEnds } from './read-ends.ts'
import { columnsAsRead, type Pair, type Shape, selectColumns, shapeSync } from './shape.ts'
import { asTargetSpells } from './zones.ts'

export interface SidesOptions {
  readonly mode: 'mirror' | 'upsert' | 'append'
  /** The cursor's lower bound. */
  readonly from: string | undefined
}

/** Both ends with the target's types. */
export interface ConformedSides {
  readonly source: Conformed
  /** The target rows that are compared. */
  readonly target: Staged
  /** Every row and column of a target that is replaced as a whole. */
  readonly whole?: Staged
}

/** Above this many source rows a target that is not much larger is read whole rather than key by key. */
const mostKeysAlways = 2_000

/** The two ends on their way into the stage. */
export class Sides implements AsyncDisposable {
  readonly #work: Work
  readonly #stage: Stage
  readonly #ends: Ends
  readonly #source: Snapshot
  readonly #target: Snapshot | undefined
  readonly #reading: Reading
  readonly #options: SidesOptions
  #rows: Rows
  #narrowed: Narrowed | undefined
  #whyWhole: string | undefined
  #landedSource: Promise<Landed> | undefined
  #landedTarget: Landed | undefined
  #landedWhole: Landed | undefined
  /** What of the comparison's bounds the target's rows still have to meet. */
  #targetRest: Reading['rest'] = {}
  /** Only some rows of the target were read or are compared. */
  #partial = false
  bytes = 0

  /** Opens a snapshot of each side. */
  static async open(work: Work, stage: Stage, ends: Ends, options: SidesOptions): Promise<Sides> {
    await using opened = new AsyncDisposableStack()
    const source = opened.use(await required(work.source.reader).snapshot())
    const target = ends.target && opened.use(await required(work.target.reader).snapshot())
    const reading = readSource(work.definition, ends.source, source.pushdown, options.from)
    const read = await readEnds(work, ends, source, reading.request)
    opened.move()
    return new Sides({ work, stage, ...read, source, target, reading, options })
  }

  private constructor(parts: {
    readonly work: Work
    readonly stage: Stage
    readonly ends: Ends
    readonly source: Snapshot
    readonly target: Snapshot | undefined
    readonly reading: Reading
    readonly options: SidesOptions
    readonly rows: Rows
  }) {
    this.#work = parts.work
    this.#stage = parts.stage
    this.#ends = parts.ends
    this.#source = parts.source
    this.#target = parts.target
    this.#reading = parts.reading
    this.#options = parts.options
    this.#rows = parts.rows
  }

  get ends(): Ends {
    return this.#ends
  }

  /** Begins at the first call; later ones wait for the same. */
  async landSource(): Promise<Landed> {
    this.#landedSource ??= this.#land(this.#rows, this.#narrowed?.source.rows ?? this.#ends.source.rows)
    return await this.#landedSource
  }

  /** @param inferred in place of columns without types. */
  shape(inferred?: readonly Column[]): Shape {
    const columns = columnsAsRead(this.#ends.source.columns, this.#rows.columns, inferred)
    return shapeSync(this.#work.definition, this.#ends, selectColumns(columns, this.#work.definition.from.select), this.#work.target)
  }

  /** Before anything lands: finds out what agrees without being read, where both sides can tell. */
  async narrow(shape: Shape): Promise<void> {
    if (!this.#target || this.#options.mode !== 'mirror' || this.#isWhole) return
    const sides = { work: this.#work, stage: this.#stage, ends: this.#ends, shape, source: this.#source, target: this.#target }
    const found = await narrow({ ...sides, reading: this.#reading })
    if (typeof found === 'string') {
      this.#whyWhole = found
      return
    }
    this.#narrowed = found
    this.bytes += found.bytes
    this.#rows = await found.source.read(this.#reading.request)
  }

  /** Rows of the source that agree with the target's and were not read. */
  get agreeing(): number {
    return this.#narrowed?.agreeing ?? 0
  }

  /** The way that a run takes, and why. */
  path(shape: Shape): string {
    if (this.#narrowed) return this.#narrowed.path
    const { definition, target } = this.#work
    const pushedDown = this.#reading.rest.where === undefined
    const sourceUniques = this.#ends.source.uniques
    const { reason } = choosePath({ definition, shape, rows: this.#rows, pushedDown, sourceUniques, target })
    return this.#whyWhole === undefined ? reason : `${reason}; ${this.#whyWhole}`
  }

  /** Reads the whole target, or its scope, beside the source. */
  async landTarget(shape: Shape): Promise<void> {
    await this.#landTargetRows(shape)
  }

  /** Both sides with the target's types; a column with cells that DuckDB cannot hold is held as text on both. */
  async conform(shape: Shape): Promise<ConformedSides> {
    const asText = new Set<string>()
    while (true) {
      const source = await this.#conformSource(shape, asText)
      if (grow(asText, source.overflow)) continue
      if (!this.#landedTarget && this.#options.mode !== 'mirror') await this.#landMatching(shape, source.staged)
      const target = await this.#conformTarget(shape, asText)
      if (grow(asText, target?.overflow ?? [])) continue
      const whole = await this.#conformWhole(shape, asText)
      if (grow(asText, whole?.overflow ?? [])) continue
      this.#refuseShort(source, target)
      await Promise.all([(await this.landSource()).release(), this.#landedTarget?.release(), this.#landedWhole?.release()])
      const staged = target?.staged ?? (await this.#stage.empty(shape.table.columns))
      return { source, target: staged, ...(whole ? { whole: whole.staged } : {}) }
    }
  }

  /** What was to be read is what was hashed: both are of one view. */
  #refuseShort(source: Conformed, target: Conformed | undefined): void {
    const narrowed = this.#narrowed
    if (!narrowed || (source.read === narrowed.source.rows && target?.read === narrowed.target.rows)) return
    throw new RunError({
      code: 'ROWS_LOST',
      message: `\`${this.#work.definition.name}\`: ${narrowed.source.rows} and ${narrowed.target.rows} rows were hashed and differ, and ${source.read} and ${target?.read ?? 0} arrived; nothing was changed`,
      hint: 'run again; if it happens again, please report it',
    })
  }

  /** Rows of the target (or its scope) in all, also where only some were read. */
  async targetRows({ target, whole }: ConformedSides): Promise<number> {
    if (this.#narrowed) return this.#narrowed.agreeing + this.#narrowed.target.rows
    if (!this.#partial || !this.#target) return target.rows
    if (whole && this.#work.definition.scope === undefined) return whole.rows
    return await this.#target.count(readTarget(this.#work.definition, [], this.#target.pushdown).request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#landedSource?.catch(() => {})
    await this.#source[Symbol.asyncDispose]()
    await this.#target?.[Symbol.asyncDispose]()
  }

  /** A target that is replaced as a whole is read as a whole: what is not compared has to be written again, too. */
  get #isWhole(): boolean {
    return this.#work.target.writer?.appliesChanges === false
  }

  async #conformSource(shape: Shape, asText: ReadonlySet<string>): Promise<Conformed> {
    const { rest } = this.#reading
    const cursor = rest.cursor && (await this.#targetBound(shape, rest.cursor.from))
    return await this.#stage.conform(await this.landSource(), {
      columns: shape.pairs.map((pair) => conformSource(pair, asText, this.#work.target)),
      ...rest,
      ...(cursor ? { cursor } : {}),
      key: shape.key,
      enforce: true,
    })
  }

  async #conformTarget(shape: Shape, asText: ReadonlySet<string>): Promise<Conformed | undefined> {
    if (!this.#landedTarget) return undefined
    const columns = shape.pairs.flatMap((pair) => this.#conformingTarget(pair, asText) ?? [])
    return await this.#stage.conform(this.#landedTarget, { columns, ...this.#targetRest })
  }

  /** `undefined` for a column that the target does not have yet. */
  #conformingTarget(pair: Pair, asText: ReadonlySet<string>): Conforming | undefined {
    const there = this.#ends.target?.columns.find((column) => column.name === pair.to.name)
    return there && conformTarget(pair, asText, there)
  }

  async #conformWhole(shape: Shape, asText: ReadonlySet<string>): Promise<Conformed | undefined> {
    if (!this.#landedWhole) return undefined
    const inferred = await this.#stage.infer(this.#landedWhole)
    const columns = required(this.#ends.target).columns.map((column): Conforming => {
      const pair = shape.pairs.find(({ to }) => to.name === column.name)
      if (pair) return conformTarget(pair, asText, column)
      const typed = inferred.find(({ name }) => name === column.name) ?? column
      const to = this.#work.target.adopt(column, shape.table.ref).untyped ? column : typed
      return { from: column.name, to, held: asText.has(column.name) ? 'text' : 'native', trusted: true }
    })
    return await this.#stage.conform(this.#landedWhole, { columns })
  }

  /** For modes that delete nothing: only the target rows that the source's may meet. */
  async #landMatching(shape: Shape, source: Staged): Promise<void> {
    const view = this.#target
    const cursor = this.#options.from === undefined ? undefined : await this.#targetBound(shape, this.#options.from)
    // A keyless append without a cursor adds whatever it reads; nothing of the target matters.
    if (!view || (shape.key.length === 0 && !cursorPair(this.#work, shape))) return
    if (shape.key.length === 0 && cursor) return await this.#landTargetRows(shape, cursor)
    const few = source.rows <= Math.max(mostKeysAlways, (this.#ends.target?.rows ?? 0) / 20)
    if (!few || shape.key.length === 0 || this.#isWhole || !view.pushdown.has('keys')) return await this.#landTargetRows(shape)
    const columns = targetColumns(this.#ends, shape)
    const { request, rest } = readTarget(this.#work.definition, columns, view.pushdown)
    const keys = () => this.#stage.keys(source, shape.key, 5_000)
    this.#partial = true
    this.#targetRest = rest
    this.#landedTarget = await this.#land(await readByKeys(view, request, shape.key, keys, columns))
  }

  /** Where reading begins, in the target's terms. */
  async #targetBound(shape: Shape, from: string): Promise<{ readonly column: string; readonly from: string } | undefined> {
    const pair = cursorPair(this.#work, shape)
    return pair && { column: pair.to.name, from: await asTargetSpells(this.#stage, from, pair) }
  }

  async #landTargetRows(shape: Shape, window?: { readonly column: string; readonly from: string }): Promise<void> {
    const view = this.#target
    if (!view || !shape.exists) return
    const { definition } = this.#work
    const { request, rest } = this.#isWhole
      ? readTarget(definition, [], new Set(), window)
      : readTarget(definition, targetColumns(this.#ends, shape), view.pushdown, window)
    if (window) this.#partial = true
    if (this.#isWhole && definition.scope !== undefined) this.#partial = true
    this.#targetRest = rest
    const rows = this.#narrowed ? await this.#narrowed.target.read(request) : await view.read(request)
    this.#landedTarget = await this.#land(rows, this.#narrowed?.target.rows ?? this.#ends.target?.rows)
    // Landed rows become one relation, and the whole is another one than what is compared.
    if (this.#isWhole) this.#landedWhole = await this.#stage.land(await view.read(request))
  }

  async #land(rows: Rows, total?: number): Promise<Landed> {
    const landed = await this.#stage.land(rows, (done) =>
      this.#work.progress('reading', { rows: done.rows, bytes: done.bytes, ...(total === undefined ? {} : { total }) }),
    )
    this.bytes += landed.bytes
    return landed
  }
}

function targetColumns(ends: Ends, shape: Shape): readonly Column[] {
  const written = new Set(shape.table.columns.map((column) => column.name))
  return ends.target?.columns.filter((column) => written.has(column.name)) ?? []
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
