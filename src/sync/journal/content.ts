import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { KeptContent, WriteSession } from '../../connectors/connector.ts'
import { journalDefaults } from '../../core/definition.ts'
import type { JournalNote } from '../../core/run.ts'
import { targetRef, type Work } from '../ends.ts'
import type { Services } from '../services.ts'
import { syncFolder, writeDurably } from './durably.ts'
import { type JournalEntry, journalFolder, parseEntry, targetDigest } from './entry.ts'

/** What is kept of a run into a target that is written as a whole: what was there before, byte for byte, in a file beside this. */
export type ContentEntry = KeptContent & Pick<JournalEntry, 'version' | 'run' | 'sync' | 'target' | 'watermark'>

/** One run that wrote a target as a whole and is about to be committed. */
export interface ContentToKeep {
  readonly run: string
  readonly work: Pick<Work, 'definition'>
  readonly session: WriteSession
  readonly watermark?: JournalEntry['watermark']
  /** The room that other parts of its journal take already. */
  readonly taken: number
}

/**
 * Keeps what a target that is written as a whole was before: on disk for good when it returns, so before the commit. What becomes of it
 * where the run is not committed `clearJournals` sees to.
 * @returns nothing where the target is none, or was not written.
 * @throws RunError (`JOURNAL_FAILED`) where it cannot be kept.
 */
export async function keepContent(
  services: Services,
  { run, work, session, watermark, taken }: ContentToKeep,
): Promise<JournalNote | undefined> {
  const { definition } = work
  // Its bytes hold the redacted cells as they are.
  if (definition.journal === 'off' || definition.redact || !session.keepContent) return undefined
  const { name: sync } = definition
  const paths = contentPaths(services, { sync, run })
  const most = (definition.journal ?? journalDefaults).bytes - taken
  await mkdir(dirname(paths.former), { recursive: true, mode: 0o700 })
  const kept = await session.keepContent(targetRef(definition), { path: paths.former, bytes: most })
  if (!kept || 'none' in kept) return kept
  await syncFolder(dirname(paths.former))
  const entry: ContentEntry = { version: 1, run, sync, target: targetDigest(definition), ...(watermark ? { watermark } : {}), ...kept }
  const bytes = kept.bytes + (await writeDurably(paths.entry, async (beside) => await writeFile(beside, JSON.stringify(entry))))
  if (bytes <= most) return { bytes }
  for (const path of Object.values(paths)) await rm(path, { force: true })
  return { none: `what was there before takes ${bytes} bytes, and \`journal\` allows ${most}` }
}

/** One note of the images of changes, or of the rows that were loaded, and of what was there before: each is enough for an undo. */
export function bothNotes(rows: JournalNote | undefined, content: JournalNote | undefined): JournalNote | undefined {
  if (!content || !rows) return content ?? rows
  if ('none' in content) return 'none' in rows ? content : rows
  return { bytes: content.bytes + ('bytes' in rows ? rows.bytes : 0) }
}

/** `undefined` where none was kept. */
export async function readContent(
  services: Pick<Services, 'journalDirectory'>,
  named: Pick<JournalEntry, 'sync' | 'run'>,
): Promise<ContentEntry | undefined> {
  const text = await readFile(contentPaths(services, named).entry, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseEntry<ContentEntry>(text)
}

/** What there is to say of it, and what was there before. */
export function contentPaths(
  services: Pick<Services, 'journalDirectory'>,
  { sync, run }: Pick<JournalEntry, 'sync' | 'run'>,
): { readonly entry: string; readonly former: string } {
  const stem = join(journalFolder(services, sync), run)
  return { entry: `${stem}.content`, former: `${stem}.former` }
}
