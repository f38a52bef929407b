import type { Reject } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Table } from '../../core/table.ts'
import type { Compared, Stage } from '../../stage/stage.ts'
import type { Comparison } from '../compare-ends.ts'
import { targetRef, type Work } from '../ends.ts'
import { allowsCascades } from '../guard.ts'
import type { JournalEntry } from '../journal/entry.ts'
import { opening } from '../redact.ts'
import { type Images, refuseOtherTable, stageImages } from './images.ts'
import { stageLoad } from './loaded.ts'
import type { Journal } from './read-entry.ts'

/** What takes a run back. */
export interface Reversal {
  /** The rows as they were, compared with the rows as the run left them. */
  readonly comparison: Comparison
  /** Rows that the run changed. */
  readonly changes: number
  /** Rows that others changed since, as far as they are known before anything is written. */
  readonly skipped: readonly Reject[]
}

export const movedSince = 'others changed this row since the run; it stays as it is'

/**
 * The changes of a run, turned round: they come from comparing its images with each other, so that a writer checks each row
 * against what the run left there.
 */
export async function findReversal(work: Work, stage: Stage, journal: Journal): Promise<Reversal> {
  const { entry } = journal
  const table = await work.target.describe(targetRef(work.definition))
  if (!table) throw targetGone(work, entry)
  refuseOtherTable(entry, table)
  await using view = await work.target.reader?.snapshot()
  const whole = work.target.writer?.appliesChanges === false ? await view?.read({ source: { table: table.ref } }) : undefined
  const images = entry.load
    ? await stageLoad(work, stage, { entry, load: entry.load, path: journal.path, table, view })
    : await stageImages(stage, journal, table, whole, opening(work.definition.redact, entry.redacted))
  const rows = images.whole?.rows ?? (await view?.count({ source: { table: table.ref } })) ?? 0
  const found = await stage.compare(images.former, images.left, { key: entry.key, mode: 'mirror' })
  const standing = images.whole ? await stage.standing(found, images.whole) : { compared: found, moved: [] }
  refuseCascades(work, table, standing.compared)
  const names = entry.after.map(({ name }) => name)
  return {
    comparison: comparisonOf(entry, table, images, standing.compared, rows),
    changes: countOf(found),
    skipped: standing.moved.map((cells) => ({
      reason: 'moved',
      detail: movedSince,
      row: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null])),
    })),
  }
}

export function countOf({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}

function comparisonOf(entry: JournalEntry, table: Table, images: Images, compared: Compared, targetRows: number): Comparison {
  return {
    shape: {
      pairs: entry.after.map((column) => ({ from: column, to: column })),
      key: entry.key,
      table: { ...table, columns: images.left.columns },
      exists: true,
      schema: [],
    },
    source: images.former,
    target: images.left,
    ...(images.whole ? { whole: images.whole } : {}),
    ...(entry.key.length === 0 ? { rewritten: true } : {}),
    ...(entry.load?.kept ? { kept: entry.load.kept } : {}),
    compared,
    read: countOf(compared),
    agreeing: 0,
    targetRows,
    ownColumns: table.columns.filter(({ name, generated }) => !generated && !images.left.columns.some((column) => column.name === name)),
    watermark: null,
    bytes: 0,
    path: 'undo: the images that the journal kept of each change',
  }
}

function targetGone({ definition }: Work, { run }: JournalEntry): RunError {
  return new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${run} cannot be undone: \`${definition.to.object}\` does not exist any more`,
    hint: 'nothing was changed; bring the table back as the run left it, then undo again',
  })
}

/** Rows that others hung on those that would go were never part of the run (rule 19). */
function refuseCascades({ definition }: Work, { dependents }: Table, { deletes }: Compared): void {
  const cascades = dependents?.cascades ?? []
  if (deletes.count === 0 || cascades.length === 0 || allowsCascades(definition.guard)) return
  throw new RunError({
    code: 'CANNOT_UNDO',
    message: `taking back the inserts of this run would take rows of other tables along, by ${cascades.join(', ')}; nothing was changed`,
    hint: 'if that is right: guard: { cascades: allow }',
  })
}
