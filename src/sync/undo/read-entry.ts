import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { SyncDefinition } from '../../core/definition.ts'
import { RunError } from '../../core/errors.ts'
import type { RunResult } from '../../core/run.ts'
import type { Stage } from '../../stage/stage.ts'
import { type JournalEntry, journalPath, loadPaths, parseEntry, targetDigest } from '../journal/entry.ts'
import type { Services } from '../services.ts'

/** The journal of a run: what it says, and the file with the images of changes, or with the rows that were loaded. */
export interface Journal {
  readonly entry: JournalEntry
  readonly path: string
}

/** @throws RunError (`CANNOT_UNDO`) where the file is no journal, or not of this target. */
export async function readJournal(
  services: Pick<Services, 'journalDirectory'>,
  stage: Stage,
  run: Pick<RunResult, 'id' | 'sync'>,
  definition: SyncDefinition,
): Promise<Journal> {
  const named = { sync: run.sync, run: run.id }
  const load = loadPaths(services, named)
  const images = journalPath(services, named)
  // A load that was given up leaves an entry beside the images of what the run did in its place.
  const loaded = existsSync(images) ? undefined : await readFile(load.entry, 'utf8').catch(() => undefined)
  const path = loaded === undefined ? images : load.rows
  const text = loaded ?? (await stage.describedChanges(path))
  if (text === undefined) throw notAJournal(path, definition)
  return { entry: readable(ofTarget(parseEntry(text), definition), definition), path }
}

/** @throws RunError (`CANNOT_UNDO`) where it is not of the target that a sync has now. */
export function ofTarget<Entry extends Pick<JournalEntry, 'run' | 'target'>>(entry: Entry, definition: SyncDefinition): Entry {
  if (entry.target === targetDigest(definition)) return entry
  throw new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${entry.run} cannot be undone: \`${definition.name}\` wrote to another target then than the config names now; nothing was changed`,
    hint: 'let `to` name that target again, then undo',
  })
}

function readable(entry: JournalEntry, { redact, name }: SyncDefinition): JournalEntry {
  if (!entry.redacted || redact?.key) return entry
  throw new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${entry.run} cannot be undone: its ${entry.redacted.join(', ')} ${entry.redacted.length === 1 ? 'is' : 'are'} encrypted, and \`${name}\` names no key any more; nothing was changed`,
    hint: 'name the key again: redact: { columns, key: "${env:NAME}" }',
  })
}

function notAJournal(path: string, { name }: SyncDefinition): RunError {
  return new RunError({ code: 'CANNOT_UNDO', message: `\`${name}\`: ${path} is no journal; nothing was changed` })
}
