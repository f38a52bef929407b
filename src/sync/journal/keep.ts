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
import { type JournalEntry, journalPath, targetDigest } from './entry.ts'

/** One run whose changes were written and are about to be committed. */
export interface Kept {
  readonly run: string
  readonly work: Pick<Work, 'definition' | 'target'>
  readonly session: WriteSession
  readonly stage: Stage
  readonly comparison: Comparison
  /** Where it began to read. */
  readonly watermark: string | null
  readonly schema: readonly string[]
  readonly applied: Applied
}

/**
 * Keeps the images of the changes that a target took, and of one that is written as a whole what it was: on disk for good when it
 * returns, so before the commit. What becomes of the files of a run that is not committed `clearJournals` sees to.
 * @returns nothing where nothing was changed.
 * @throws RunError (`JOURNAL_FAILED`) where they cannot be written.
 */
export async function keepJournal(services: Services, kept: Kept): Promise<JournalNote | undefined> {
  const changes = await takenChanges(kept)
  if (changes.inserts.count + changes.updates.count + changes.deletes.count === 0) return undefined
  const images = await keepImages(services, kept, changes)
  const { run, work, session } = kept
  const taken = 'bytes' in images ? images.bytes : 0
  const content = await keepContent(services, { run, work, session, ...watermarkOf(kept), taken })
  return bothNotes(images, content)
}

async function keepImages(services: Services, kept: Kept, changes: Compared): Promise<JournalNote> {
  const none = whyNone(kept, changes) ?? (await whyNotFound(changes))
  if (none !== undefined) return { none }
  const { definition } = kept.work
  const path = journalPath(services, { sync: definition.name, run: kept.run })
  const bytes = await writeDurably(path, async (beside) => {
    await kept.stage.writeChanges(changes, beside, JSON.stringify(entryOf(kept, changes)), sealing(definition.redact))
  })
  const { bytes: most } = definition.journal === 'off' ? journalDefaults : (definition.journal ?? journalDefaults)
  if (bytes <= most) return { bytes }
  await rm(path)
  return { none: `its images take ${bytes} bytes, and \`journal\` allows ${most}` }
}

/** The changes without the rows that were left as they are. */
async function takenChanges({ stage, comparison: { compared }, applied }: Kept): Promise<Compared> {
  if (compared.key.length === 0) return compared
  const { moved, refused = [] } = applied
  const left: readonly Refused[] = [...refused, ...moved.map((row) => ({ ...row, reason: 'moved' as const, detail: '' }))]
  return await stage.without(compared, left)
}

/** An undo brings everything back or is not offered: what the images lack is a reason to keep none. */
function whyNone({ work, comparison }: Kept, changes: Compared): string | undefined {
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
function watermarkOf({ work, comparison, watermark }: Kept): Pick<JournalEntry, 'watermark'> {
  const cursor = orderedCursor(work, comparison.shape)
  return cursor ? { watermark: { before: watermark, cursor: cursor.to } } : {}
}

function entryOf(kept: Kept, changes: Compared): JournalEntry {
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
