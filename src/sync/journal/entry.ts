import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Column, TableRef } from '../../core/table.ts'
import { fileNameOf } from '../../state/file-name.ts'
import type { Services } from '../services.ts'
import type { Pair } from '../shape.ts'
import type { RecordedForm } from './recording.ts'

/** What the journal of a run says of it, beside the images of its changes. */
export interface JournalEntry {
  readonly version: 1
  readonly run: string
  readonly sync: string
  /** Names the object that was changed. */
  readonly target: string
  readonly key: readonly string[]
  /** The columns of the images, in their order. */
  readonly after: readonly Column[]
  readonly before: readonly Column[]
  /** Columns that only the target has, and that nothing fills in new rows. */
  readonly empty: readonly Column[]
  /** Where the run began to read, and the cursor's column. */
  readonly watermark?: { readonly before: string | null; readonly cursor: Column }
  /** Statements that changed the target's schema; an undo leaves what they made. */
  readonly schema: readonly string[]
  /** Columns whose cells are encrypted. */
  readonly redacted?: readonly string[]
  /** Of a run that loaded its rows without comparing them. */
  readonly load?: LoadEntry
}

/** Where the rows of a load are, and those that were there before it (rule 15). */
export interface LoadEntry {
  /** The form in which the target was sent the rows. */
  readonly form: RecordedForm
  /** How each of its cells became one of the columns `after`. */
  readonly pairs: readonly Pair[]
  /** The table beside the target that holds the former rows; absent where there were none. */
  readonly kept?: TableRef
}

/** The files that belong to a run which loaded its rows: what there is to say of them, and the rows. */
export function loadPaths(
  services: Pick<Services, 'journalDirectory'>,
  { sync, run }: Pick<JournalEntry, 'sync' | 'run'>,
): { readonly entry: string; readonly rows: string } {
  const stem = join(journalFolder(services, sync), run)
  return { entry: `${stem}.json`, rows: `${stem}.rows` }
}

/** What tables with the former rows of a sync are called, before the id of the run that replaced them. */
export function keptStem(sync: string): string {
  return `_syncline_former_${fileNameOf(sync).slice(0, 12)}_`
}

/** The file that holds the images of a run. */
export function journalPath(services: Pick<Services, 'journalDirectory'>, { sync, run }: Pick<JournalEntry, 'sync' | 'run'>): string {
  return join(journalFolder(services, sync), `${run}.parquet`)
}

export function journalFolder({ journalDirectory }: Pick<Services, 'journalDirectory'>, sync: string): string {
  return join(journalDirectory, fileNameOf(sync))
}

/** Tells one target from another, whatever else a config says of a sync. */
export function targetDigest({ to }: SyncDefinition): string {
  const parts = [to.connection.name, to.connection.type, to.object, to.options ?? null]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

/** @throws ConfigError where it is one of another version of Syncline. */
export function parseEntry<Entry extends Pick<JournalEntry, 'version'> = JournalEntry>(text: string): Entry {
  const entry = JSON.parse(text) as Entry
  if (entry.version === 1) return entry
  throw new ConfigError({
    code: 'BAD_JOURNAL',
    message: `the journal of this run is of version ${String(entry.version)}; this Syncline reads version 1`,
    hint: 'undo it with the version that made it',
  })
}
