import { writeFile } from 'node:fs/promises'
import type { Keep, Replaced, WriteSession } from '../../connectors/connector.ts'
import { journalDefaults, type SyncDefinition } from '../../core/definition.ts'
import type { Rows, RowsForm } from '../../core/rows.ts'
import type { JournalNote } from '../../core/run.ts'
import type { Column } from '../../core/table.ts'
import type { Work } from '../ends.ts'
import type { Services } from '../services.ts'
import type { Pair, Shape } from '../shape.ts'
import { bothNotes, keepContent } from './content.ts'
import { writeDurably } from './durably.ts'
import { type JournalEntry, keptStem, loadPaths, targetDigest } from './entry.ts'
import { Recording } from './recording.ts'

/** A load that is written and about to be committed. */
export interface LoadToKeep {
  readonly session: WriteSession
  readonly shape: Shape
  /** How the cells that the target was sent became its own. */
  readonly pairs: readonly Pair[]
  readonly replaced: Replaced
  /** Columns that only the target has. */
  readonly ownColumns: readonly Column[]
  readonly schema: readonly string[]
}

/**
 * The journal of a run that compares nothing (rule 15): the rows that it loads, as they pass by, and beside the target those that
 * it takes the place of; of a target that is written as a whole what it was.
 */
export class LoadJournal {
  readonly #services: Services
  readonly #run: string
  readonly #work: Pick<Work, 'definition' | 'target'>
  readonly #paths: ReturnType<typeof loadPaths>
  readonly #most: number
  readonly #recording: Recording | undefined
  #recorded = false

  constructor(services: Services, run: string, work: Pick<Work, 'definition' | 'target'>) {
    const { definition, target } = work
    this.#services = services
    this.#run = run
    this.#work = work
    this.#paths = loadPaths(services, { sync: definition.name, run })
    this.#most = mostBytes(definition)
    if (definition.journal !== 'off' && !definition.redact && target.writer?.dropKept)
      this.#recording = new Recording(this.#paths.rows, this.#most)
  }

  /** Asks a writer to keep the rows that it takes the place of. */
  get keep(): Keep | undefined {
    if (!this.#recording) return undefined
    return { name: `${keptStem(this.#work.definition.name)}${this.#run}`, bytes: this.#most }
  }

  /** The same rows, whose passing by is recorded. What a dead process leaves of them is found by its entry. */
  async record(rows: Rows): Promise<Rows> {
    return await this.#begun(rows, this.#recording?.rows(rows))
  }

  /** The same for rows that come in parts, of which each is read once. */
  async recordPart(rows: Rows): Promise<Rows> {
    return await this.#begun(rows, this.#recording?.part(rows))
  }

  /** Records a part that was loaded before, read from where it lies, in the form in which the others are sent. */
  async recordHeld(rows: Rows, form: RowsForm): Promise<void> {
    if (!this.#recording) return
    const { pgcopy, csv, batches } = await this.recordPart(rows)
    const passing = form === 'pgcopy' ? pgcopy?.() : (csv?.(1)[0] ?? batches?.())
    for await (const _ of passing ?? []);
  }

  async #begun(rows: Rows, recorded: Rows | undefined): Promise<Rows> {
    const begins = !this.#recorded
    this.#recorded = recorded !== undefined
    if (recorded && begins)
      await writeDurably(
        this.#paths.entry,
        async (beside) => await writeFile(beside, JSON.stringify({ target: targetDigest(this.#work.definition) })),
      )
    return recorded ?? rows
  }

  /** On disk for good when it returns, so before the commit. @throws RunError (`JOURNAL_FAILED`) where it cannot be written. */
  async end(load: LoadToKeep): Promise<JournalNote | undefined> {
    if (load.replaced.rows + load.replaced.former === 0) return await this.#nothing(undefined)
    const rows = await this.#endRows(load)
    const content = { run: this.#run, work: this.#work, session: load.session, taken: 'bytes' in rows ? rows.bytes : 0 }
    return bothNotes(rows, await keepContent(this.#services, content))
  }

  async #endRows(load: LoadToKeep): Promise<JournalNote> {
    const none = this.#whyNone(load)
    if (none !== undefined || !this.#recording) return await this.#nothing({ none: none ?? '' })
    const rows = await this.#recording.end()
    if ('none' in rows) return await this.#nothing(rows)
    const { kept } = load.replaced
    const table = kept && 'table' in kept ? kept : undefined
    const entry = this.#entryOf(load, { form: rows.form, pairs: load.pairs, ...(table ? { kept: table.table } : {}) })
    const bytes = await writeDurably(this.#paths.entry, async (beside) => await writeFile(beside, JSON.stringify(entry)))
    const all = bytes + rows.bytes + (table?.bytes ?? 0)
    return all <= this.#most
      ? { bytes: all }
      : await this.#nothing({ none: `what it loaded and replaced takes ${all} bytes, and \`journal\` allows ${this.#most}` })
  }

  /** What was loaded is taken back; a run that goes on has another journal. The entry stays until nothing is left in the target. */
  async abandon(): Promise<void> {
    await this.#recording?.abandon()
  }

  async #nothing<Note extends JournalNote | undefined>(note: Note): Promise<Note> {
    await this.abandon()
    return note
  }

  #whyNone({ replaced: { former, kept }, ownColumns }: LoadToKeep): string | undefined {
    const { definition } = this.#work
    if (definition.journal === 'off') return '`journal` is off'
    if (definition.redact) return `${definition.redact.columns.join(', ')} may not be kept as the load was sent it (\`redact\`)`
    if (!this.#recording) return 'this target keeps no rows that a load takes the place of'
    if (!this.#recorded) return 'its rows came in a form of which nothing is kept'
    if (former > 0 && !kept) return 'the rows that it replaced were not kept'
    if (kept && 'none' in kept) return kept.none
    if (ownColumns.length === 0) return undefined
    return `what rows hold in ${ownColumns.map(({ name }) => name).join(', ')}, which only the target has, was not read`
  }

  #entryOf({ shape, schema }: LoadToKeep, load: NonNullable<JournalEntry['load']>): JournalEntry {
    const columns = shape.pairs.map(({ to }) => to)
    return {
      version: 1,
      run: this.#run,
      sync: this.#work.definition.name,
      target: targetDigest(this.#work.definition),
      key: shape.key,
      after: columns,
      before: columns,
      empty: [],
      schema,
      load,
    }
  }
}

function mostBytes({ journal }: SyncDefinition): number {
  return journal === undefined || journal === 'off' ? journalDefaults.bytes : journal.bytes
}
