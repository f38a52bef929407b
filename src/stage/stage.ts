import type { ChangeKind, Refused, Reject } from '../core/changes.ts'
import type { Rows } from '../core/rows.ts'
import type { ChangeSample } from '../core/run.ts'
import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import { audit } from './audit.ts'
import { compare } from './compare.ts'
import { ComparedRelations } from './compared.ts'
import { conform } from './conform.ts'
import type {
  Audited,
  Compared,
  CompareOptions,
  Conformed,
  Conforming,
  ConformOptions,
  Landed,
  Link,
  Passes,
  PassOptions,
  Staged,
  StageSettings,
  StillSame,
} from './contract.ts'
import { Engine } from './engine.ts'
import { relationRows } from './export.ts'
import { infer } from './infer.ts'
import { type ChangedCell, changedRows, describedChanges, writeChanges } from './journal.ts'
import { KeyForms } from './key-forms.ts'
import { keysOf } from './keys.ts'
import { type LandProgress, land } from './land.ts'
import { type LandedRows, landedRows } from './landed.ts'
import { merged } from './merged.ts'
import { moment } from './moment.ts'
import { onlyKinds } from './only-kinds.ts'
import { passesOf } from './passes.ts'
import { keepReferenced, refuseOrphans } from './references.ts'
import { refusedRows, withoutRefused } from './refused.ts'
import { Rejects } from './rejects.ts'
import { asSaved, type SavedImages, saveChanges, savedChanges, savedSamples } from './saved.ts'
import { emptySelect, heldAs, heldText, relationOf, StagedRelation } from './staged.ts'
import { type Standing, standing } from './standing.ts'
import { stream } from './stream.ts'
import type { Translation } from './translated.ts'
import { earlier, lesser, maximum } from './watermark.ts'

export type * from './contract.ts'
export type { ChangedCell } from './journal.ts'
export type { Translation } from './translated.ts'

/**
 * The embedded DuckDB in which one run reshapes and compares. What it does not hold in memory it spills into the run's
 * directory. When the signal is aborted, what is under way rejects with `CancelledError`.
 */
export class Stage implements AsyncDisposable {
  readonly #engine: Engine
  readonly #rejects: Rejects
  readonly #keyForms: KeyForms
  readonly #conformed = new Map<LandedRows, StagedRelation>()

  readonly #isPart: boolean

  static async open({ directory, memoryLimit = defaultMemoryLimit, signal }: StageSettings): Promise<Stage> {
    return new Stage(await Engine.open({ directory, memoryLimit, signal }))
  }

  private constructor(engine: Engine, isPart = false) {
    this.#engine = engine
    this.#isPart = isPart
    this.#rejects = new Rejects(engine)
    this.#keyForms = new KeyForms(engine)
  }

  /** A stage for one table of many, with rejects of its own, in the DuckDB of this one, which closes it. */
  part(): Stage {
    return new Stage(this.#engine, true)
  }

  /** Takes rows in whichever form they come in, cheapest first; nothing is parsed yet. Text streams land in files, read side by side. */
  async land(rows: Rows, onProgress: LandProgress = () => {}): Promise<Landed> {
    return await land(this.#engine, rows, onProgress)
  }

  /** The landed columns, each untyped one with the type that all its cells have (rule 9). */
  async infer(landed: Landed): Promise<readonly Column[]> {
    return await infer(this.#engine, landedRows(landed))
  }

  /**
   * Casts the landed cells to the target's columns; the rows that do not fit exactly, and those whose key is not their own,
   * become rejects. The landed rows stay as they are; conforming them again replaces what came of them before.
   * @throws ConfigError where the predicate cannot be evaluated.
   */
  async conform(landed: Landed, options: ConformOptions): Promise<Conformed> {
    const rows = landedRows(landed)
    await this.#forget(rows)
    const conformed = await conform(this.#engine, { rejects: this.#rejects, keyForms: this.#keyForms }, rows, options)
    this.#conformed.set(rows, conformed.staged)
    return conformed
  }

  /** Counts the rows, and those that `conform` would reject for themselves, without keeping any. Nothing is judged by the target. */
  async audit(landed: Landed, options: ConformOptions): Promise<Audited> {
    return await audit(this.#engine, landedRows(landed), options)
  }

  /**
   * The landed rows as the target's columns without holding them: for full loads where nothing is compared. Reading throws
   * `NotDirectError` at a cell that does not fit.
   */
  stream(landed: Landed, columns: readonly Conforming[]): Rows {
    return stream(this.#engine, landedRows(landed), columns)
  }

  /** An empty relation: a target that does not exist yet. */
  async empty(columns: readonly Column[]): Promise<Staged> {
    const held = Object.fromEntries(columns.map((column) => [column.name, heldAs({}, column)]))
    return new StagedRelation({ columns, held, rows: 0, from: emptySelect(columns, held) })
  }

  /**
   * What brings the target in step with the source. Rejects of the source are never deletes (rule 5).
   * @throws RunError where several rows of the target have the same key.
   */
  async compare(source: Staged, target: Staged, options: CompareOptions): Promise<Compared> {
    return await compare(
      this.#engine,
      { rejects: this.#rejects, keyForms: this.#keyForms },
      relationOf(source),
      relationOf(target),
      options,
    )
  }

  /**
   * The whole target as it shall be after the changes, in key order: for targets that are replaced as a whole. `whole` holds
   * every row and column of the target; the changes may come from some of its rows and columns. Columns that only the changes
   * have stand behind its own; cells that the changes do not carry stay, and are NULL in new rows.
   * @throws RunError where a changed row is not there exactly once, or a new one has the key of a row that was not compared.
   */
  async merged(whole: Staged, compared: Compared): Promise<Rows & { readonly count: number }> {
    return await merged(this.#engine, relationOf(whole), changesOf(compared))
  }

  /** Rows of a change set that the target refused, as rejects with all their cells. */
  async refused(compared: Compared, refused: readonly Refused[]): Promise<readonly Reject[]> {
    if (refused.length === 0) return []
    if (compared instanceof ComparedRelations) return await refusedRows(this.#engine, compared, refused)
    throw new Error('these changes belong to no stage')
  }

  /** Changes without the rows that the target refused, known by their keys alone. */
  async without(compared: Compared, refused: readonly Refused[]): Promise<Compared> {
    if (refused.length === 0) return compared
    if (compared instanceof ComparedRelations) return await withoutRefused(this.#engine, compared, refused)
    throw new Error('these changes belong to no stage')
  }

  /** The changes of some kinds alone. */
  only(compared: Compared, kinds: readonly ChangeKind[]): Compared {
    return onlyKinds(this.#engine, changesOf(compared), kinds)
  }

  /**
   * Sets aside the new and changed rows of a child, which this stage compared, that refer to a row which the parent will not
   * have. `undefined` where there are none, or where the stage cannot tell.
   */
  async refuseOrphans(link: Link): Promise<Linked | undefined> {
    return linked(await refuseOrphans(this.#engine, this.#rejects, relationLink(link)))
  }

  /** Sets aside the deletes of a parent, which this stage compared, that rows of the child which stay refer to. */
  async keepReferenced(link: Link): Promise<Linked | undefined> {
    return linked(await keepReferenced(this.#engine, this.#rejects, relationLink(link)))
  }

  /** The changes of one table of many, cut so that foreign keys hold after each pass. */
  async passes(compared: Compared, options: PassOptions): Promise<Passes> {
    const departures = options.departures.map((departure) => ({ ...departure, child: changesOf(departure.child) }))
    return await passesOf(this.#engine, changesOf(compared), { ...options, departures })
  }

  /** Writes changes as texts into a file, which comes into being where it is not there, and beside them what there is to say of them. */
  async save(compared: Compared, path: string, about: string, hiding?: Translation): Promise<void> {
    await saveChanges(this.#engine, changesOf(compared), path, about, hiding)
  }

  /** What was said of each set of changes in a file, in their order. */
  async saved(path: string): Promise<readonly string[]> {
    return await savedChanges(this.#engine, path)
  }

  /** Up to `limit` changes of each kind of a saved set of changes. */
  async savedSamples(path: string, number: number, images: SavedImages, limit: number): Promise<readonly ChangeSample[]> {
    return await savedSamples(this.#engine, path, number, images, limit)
  }

  /** The changes of those rows alone that a saved set of changes is about, and whether they are the same still. */
  async asSaved(compared: Compared, path: string, number: number, hiding?: Translation): Promise<StillSame> {
    return await asSaved(this.#engine, changesOf(compared), path, number, hiding)
  }

  /** Writes changes as texts into a new Parquet file, and what there is to say of them. */
  async writeChanges(compared: Compared, path: string, about: string, hiding?: Translation): Promise<void> {
    await writeChanges(this.#engine, changesOf(compared), path, about, hiding)
  }

  /** What such a file says of its changes, `undefined` where it is none. */
  async describedChanges(path: string): Promise<string | undefined> {
    return await describedChanges(this.#engine, path)
  }

  /** The changed rows of such a file as they were, or as they were to be. */
  changedRows(path: string, side: 'after' | 'before', cells: readonly ChangedCell[], showing?: Translation): Rows {
    return changedRows(this.#engine, path, side, cells, showing)
  }

  /** Those changes of a target, of which `whole` holds every row, whose rows are as they were when the changes were found. */
  async standing(compared: Compared, whole: Staged): Promise<Standing> {
    return await standing(this.#engine, changesOf(compared), relationOf(whole))
  }

  /** In every form that writers take. */
  rows(staged: Staged): Rows & { readonly count: number } {
    return relationRows(this.#engine, relationOf(staged))
  }

  /** The first rows as canonical texts. */
  async sample(staged: Staged, limit: number): Promise<readonly (readonly (string | null)[])[]> {
    const { columns, held, from } = relationOf(staged)
    if (columns.length === 0) return []
    const texts = columns.map((column, index) => heldText(`c${index}`, held, column))
    return await this.#engine.texts(`SELECT ${texts.join(', ')} FROM ${from} LIMIT ${limit}`)
  }

  /** The keys of a relation as canonical text, `size` at a time, none NULL. */
  keys(staged: Staged, columns: readonly string[], size: number): AsyncIterable<readonly (readonly string[])[]> {
    return keysOf(this.#engine, relationOf(staged), columns, size)
  }

  /** The greatest finite value as canonical text, `null` where there is none. */
  async maximum(staged: Staged, column: string): Promise<string | null> {
    return await maximum(this.#engine, relationOf(staged), column)
  }

  /**
   * `watermark` less `lag` (a number, or an interval as DuckDB reads it: `10 minutes`), as canonical text of the column's type.
   * @throws ConfigError where the lag does not suit the column; RunError (`BAD_WATERMARK`) where the watermark is no finite
   * value of its type, also where the lag is 0.
   */
  async earlier(watermark: string, lag: string | number, column: Column): Promise<string> {
    return await earlier(this.#engine, watermark, lag, column)
  }

  /** Which of two watermarks of a column comes first. */
  async lesser(one: string, other: string, column: Column): Promise<string> {
    return await lesser(this.#engine, one, other, column)
  }

  /** A moment of one of the two kinds of timestamp as one of the other, by the clocks of a zone: the first, where there are two. */
  async moment(text: string, from: Type, to: Type, zone: string): Promise<string | null> {
    return await moment(this.#engine, text, { from, to, zone })
  }

  get rejected(): number {
    return this.#rejects.count
  }

  /** Whether all rejects so far are rows whose key the target has already. */
  get rejectsExist(): boolean {
    return this.#rejects.exist
  }

  /** Every reject so far, some hundred at a time. */
  rejects(): AsyncIterable<readonly Reject[]> {
    return this.#rejects.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isPart) await this.#engine[Symbol.asyncDispose]()
  }

  async #forget(rows: LandedRows): Promise<void> {
    const former = this.#conformed.get(rows)
    if (!former) return
    if (former.table) await this.#engine.drop(former.table)
    if (former.rejected) {
      this.#rejects.remove(former.rejected.table)
      await this.#engine.drop(former.rejected.table)
    }
    this.#conformed.delete(rows)
  }
}

/** What is left of a table's changes, and the source without the rows that were set aside. */
export interface Linked {
  readonly source: Staged
  readonly compared: Compared
}

function linked(compared: ComparedRelations | undefined): Linked | undefined {
  return compared && { source: compared.parts.source, compared }
}

function relationLink({ child, parent, ...link }: Link): Link<ComparedRelations> {
  return {
    ...link,
    child: { ...child, compared: changesOf(child.compared) },
    parent: { ...parent, compared: changesOf(parent.compared) },
  }
}

function changesOf(compared: Compared): ComparedRelations {
  if (compared instanceof ComparedRelations) return compared
  throw new Error('these changes belong to no stage')
}

/**
 * What bounds a run's memory. Measured as the peak of the process over landing, conforming and comparing both sides of a mirror
 * of 9 columns: 2M rows 850 MB, 4M 870, 8M 863. With `800MB` the same statements took as long, and 100 MB more.
 */
const defaultMemoryLimit = '700MB'
