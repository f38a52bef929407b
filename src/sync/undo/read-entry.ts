import type { SyncDefinition } from '../../core/definition.ts'
import { RunError } from '../../core/errors.ts'
import type { Stage } from '../../stage/stage.ts'
import { type JournalEntry, parseEntry, targetDigest } from '../journal/entry.ts'

/** @throws RunError (`CANNOT_UNDO`) where the file is no journal, or not of this target. */
export async function readEntry(stage: Stage, path: string, definition: SyncDefinition): Promise<JournalEntry> {
  const text = await stage.describedChanges(path)
  if (text === undefined) throw notAJournal(path, definition)
  const entry = parseEntry(text)
  if (entry.target === targetDigest(definition)) return entry
  throw new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${entry.run} cannot be undone: \`${definition.name}\` wrote to another target then than the config names now; nothing was changed`,
    hint: 'let `to` name that target again, then undo',
  })
}

function notAJournal(path: string, { name }: SyncDefinition): RunError {
  return new RunError({ code: 'CANNOT_UNDO', message: `\`${name}\`: ${path} is no journal; nothing was changed` })
}
