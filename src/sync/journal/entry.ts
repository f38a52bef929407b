import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { SyncDefinition } from '../../core/definition.ts'
import { ConfigError } from '../../core/errors.ts'
import type { Column } from '../../core/table.ts'
import { fileNameOf } from '../../state/file-name.ts'
import type { Services } from '../services.ts'

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
export function parseEntry(text: string): JournalEntry {
  const entry = JSON.parse(text) as JournalEntry
  if (entry.version === 1) return entry
  throw new ConfigError({
    code: 'BAD_JOURNAL',
    message: `the journal of this run is of version ${String(entry.version)}; this Syncline reads version 1`,
    hint: 'undo it with the version that made it',
  })
}
