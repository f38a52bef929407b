import { rm } from 'node:fs/promises'
import type { WriteSession } from '../../connectors/connector.ts'
import type { Applied, Refused } from '../../core/changes.ts'
import { formatAmount } from '../../core/count.ts'
import { journalDefaults } from '../../core/definition.ts'
import type { Redaction } from '../../core/redaction.ts'
import type { JournalNote } from '../../core/run.ts'
import type { Compared, Stage } from '../../stage/stage.ts'
import type { Comparison } from '../compare-ends.ts'
import { orderedCursor } from '../cursor.ts'
import type { Work } from '../ends.ts'
import { sealing } from '../redact.ts'
import type { Services } from '../services.ts'
import { bothNotes, keepContent } from './content.ts'
import { writeDurably } from './durably.ts'
import { EarlyImages, type Images } from './early.ts'
import { type JournalEntry, journalPath, targetDigest } from './entry.ts'

/** One run that compared both sides and is about to write changes. */
export interface ToKeep {
  readonly run: string
  readonly work: Pick<Work, 'definition' | 'target'>
  readonly stage: Stage
  readonly comparison: Comparison
  /** Where it began to read. */
  readonly watermark: string | null
}

/** The same once its changes were written and are about to be committed. */
export interface Kept extends ToKeep {
  readonly session: WriteSession
  readonly schema: readonly string[]
  readonly applied: Applied
}

/**
 * Begins to write the images of changes that a target is about to take row by row, so that they may be there when it has. Nothing
 * is begun where others will be kept, or none.
 */
export function beginJournal(services: Services, toKeep: ToKeep): EarlyImages | undefined {
  const { run, work, stage, comparison } = toKeep
  const { compared, shape } = comparison
  const altersTarget = !shape.exists || shape.schema.length > 0
  if (altersTarget || !work.target.writer?.appliesChanges) return undefined
  if (countOf(compared) === 0 || whyNone(toKeep, compared) !== undefined) return undefined
  const images = imagesOf({ ...toKeep, schema: [] }, compared)
  const path = `${journalPath(services, { sync: work.definition.name, run })}.early`
  return new EarlyImages(path, images, async (at) => await writeImages({ stage, work }, images, at))
}

/**
 * Keeps the images of the changes that a target took, and of one that is written as a whole what it was: on disk for good when it
 * returns, so before the commit. What becomes of the files of a run that is not committed `clearJournals` sees to.
 * @param early images that were written meanwhile.
 * @returns nothing where nothing was changed.
 * @throws RunError (`JOURNAL_FAILED`) where they cannot be written.
 */
export async function keepJournal(services: Services, kept: Kept, early?: EarlyImages): Promise<JournalNote | undefined> {
  const changes = await takenChanges(kept)
  if (countOf(changes) === 0) return undefined
  const images = await keepImages(services, kept, changes, early)
  const { run, work, session } = kept
  const taken = 'bytes' in images ? images.bytes : 0
  const content = await keepContent(services, { run, work, session, ...watermarkOf(kept), taken })
  return bothNotes(images, content)
}

async function keepImages(services: Services, kept: Kept, changes: Compared, early: EarlyImages | undefined): Promise<JournalNote> {
  const none = whyNone(kept, changes) ?? (await whyNotFound(changes))
  if (none !== undefined) return { none }
  const { definition } = kept.work
  const path = journalPath(services, { sync: definition.name, run: kept.run })
  const images = imagesOf(kept, changes)
  const bytes = await writeDurably(path, async (beside) => {
    if (!(await early?.take(beside, images))) await writeImages(kept, images, beside)
  })
  const { bytes: most } = definition.journal === 'off' ? journalDefaults : (definition.journal ?? journalDefaults)
  if (bytes <= most) return { bytes }
  await rm(path)
  return { none: `its images take ${bytes} bytes, and \`journal\` allows ${most}` }
}

function countOf({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}

function imagesOf(kept: EntryParts, changes: Compared): Images {
  return { changes, about: JSON.stringify(entryOf(kept, changes)) }
}

async function writeImages({ stage, work }: Pick<Kept, 'stage' | 'work'>, { changes, about }: Images, path: string): Promise<void> {
  await stage.writeChanges(changes, path, about, sealing(work.definition.redact))
}

/** The changes without the rows that were left as they are. */
async function takenChanges({ stage, comparison: { compared }, applied }: Kept): Promise<Compared> {
  if (compared.key.length === 0) return compared
  const { moved, refused = [] } = applied
  const left: readonly Refused[] = [...refused, ...moved.map((row) => ({ ...row, reason: 'moved' as const, detail: '' }))]
  return await stage.without(compared, left)
}

/** An undo brings everything back or is not offered: what the images lack is a reason to keep none. */
function whyNone({ work, comparison }: ToKeep, changes: Compared): string | undefined {
  const { definition, target } = work
  const { table } = comparison.shape
  if (definition.journal === 'off') return '`journal` is off'
  if (definition.redact && !definition.redact.key) return withoutKey(definition.redact)
  if (target.traits.atomicity === 'none') return 'this target takes nothing back'
  if (changes.key.length === 0) return 'rows without a key cannot be told apart'
  if (changes.deletes.count > 0 && (table.dependents?.cascades.length ?? 0) > 0)
    return 'its deletes may have taken rows of other tables along'
  const names = comparison.ownColumns.map(({ name }) => name).join(', ')
  if (changes.deletes.count > 0 && names !== '')
    return `rows were deleted, and what they held in ${names}, which only the target has, was not read`
  const filled = comparison.ownColumns.filter(isFilled).map(({ name }) => name)
  if (changes.inserts.count === 0 || filled.length === 0) return undefined
  return `rows were inserted, and what the target put into ${filled.join(', ')}, which only it has, was not read`
}

async function whyNotFound(changes: Compared): Promise<string | undefined> {
  const rows = await changes.deletesWithoutKey()
  return rows === 0
    ? undefined
    : `${formatAmount(rows, 'row')} whose key was NULL ${rows === 1 ? 'was' : 'were'} deleted, and cannot be told apart`
}

function isFilled({ defaulted, identity }: Comparison['ownColumns'][number]): boolean {
  return defaulted === true || identity !== undefined
}

/** Where it began to read, and the cursor's column. */
function watermarkOf({ work, comparison, watermark }: ToKeep): Pick<JournalEntry, 'watermark'> {
  const cursor = orderedCursor(work, comparison.shape)
  return cursor ? { watermark: { before: watermark, cursor: cursor.to } } : {}
}

type EntryParts = ToKeep & Pick<Kept, 'schema'>

function entryOf(kept: EntryParts, changes: Compared): JournalEntry {
  const { run, work, comparison, schema } = kept
  const { definition } = work
  return {
    version: 1,
    run,
    sync: definition.name,
    target: targetDigest(definition),
    key: changes.key,
    after: changes.inserts.columns,
    before: changes.deletes.columns,
    empty: comparison.ownColumns.filter((column) => !isFilled(column)),
    ...watermarkOf(kept),
    schema,
    ...(definition.redact ? { redacted: definition.redact.columns } : {}),
  }
}

/** What the undo of a run says whose redacted cells could not be kept. */
function withoutKey({ columns }: Redaction): string {
  return `${columns.join(', ')} ${columns.length === 1 ? 'is' : 'are'} redacted, and without a key no image of a row was kept (\`redact: { columns, key: "\${env:NAME}" }\`)`
}
