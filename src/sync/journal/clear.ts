import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { journalDefaults, type SyncDefinition } from '../../core/definition.ts'
import { ConfigError, toSynclineError } from '../../core/errors.ts'
import { hasCommitted, type RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import { targetRef, type Work } from '../ends.ts'
import type { Services } from '../services.ts'
import { journalFolder, keptStem, targetDigest } from './entry.ts'

/**
 * Removes the images of changes that were never committed, those that are older than `journal` says, and the oldest of those
 * that together take more room than it says. The caller holds the sync's lock; a commit that may have happened keeps its images.
 * What loads left in the target `clearKept` removes. A file that cannot be removed stays, and the next run tries again.
 */
export async function clearJournals(services: Services, state: State, { name, journal }: SyncDefinition): Promise<void> {
  const folder = journalFolder(services, name)
  const files = await readdir(folder).catch((): string[] => [])
  if (files.length === 0) return
  const limits = journal === 'off' ? { keepSeconds: 0, bytes: 0 } : (journal ?? journalDefaults)
  const pending = (await state.pendingCommit(name))?.result.id
  const ids = [...new Set(files.map(idOf))]
  const runs = await Promise.all(ids.map(async (id) => await runOf(state, id)))
  const kept = runs.filter((run) => run !== undefined && isCommitted(run) && isYoung(services, run, limits.keepSeconds))
  const newest = kept.flatMap((run) => run ?? []).sort((a, b) => b.startedAt.localeCompare(a.startedAt))
  let room = limits.bytes
  const stay = new Set(pending === undefined ? [] : [pending])
  for (const run of newest) {
    room -= bytesOf(run)
    if (room >= 0) stay.add(run.id)
  }
  const over = files.filter((file) => !stay.has(idOf(file)) && !file.endsWith('.json'))
  try {
    for (const file of over) await rm(join(folder, file), { force: true })
  } catch (error) {
    services.logger.warn(`${name}: images that are not needed any more stay: ${toSynclineError(error).message}`)
  }
}

/** Drops the former rows of loads from the target whose own rows are not kept any more. The caller holds the sync's lock. */
export async function clearKept(services: Services, { definition, target }: Pick<Work, 'definition' | 'target'>): Promise<void> {
  const folder = journalFolder(services, definition.name)
  const files = await readdir(folder).catch((): string[] => [])
  const over: string[] = []
  const staying = new Set<string>()
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const isOver = !files.includes(`${idOf(file)}.rows`) && (await isOf(definition, join(folder, file)))
    if (isOver) over.push(file)
    else staying.add(`${keptStem(definition.name)}${idOf(file)}`)
  }
  if (over.length === 0) return
  try {
    await target.writer?.dropKept?.(targetRef(definition), keptStem(definition.name), staying)
  } catch (error) {
    // Somebody may have hung a view on one, or it may be another user's. The entry stays, so that each run tries again.
    services.logger.warn(
      `${definition.name}: former rows that are not needed any more stay in the target: ${toSynclineError(error).message}`,
    )
    return
  }
  for (const file of over) await rm(join(folder, file), { force: true })
}

/** Whether an entry is about the target that a sync has now. */
async function isOf(definition: SyncDefinition, path: string): Promise<boolean> {
  const { target } = JSON.parse(await readFile(path, 'utf8')) as { readonly target?: string }
  return target === targetDigest(definition)
}

function idOf(file: string): string {
  return /([0-9a-f]+)\.[a-z.]+$/.exec(file)?.[1] ?? ''
}

async function runOf(state: State, id: string): Promise<RunResult | undefined> {
  if (id === '') return undefined
  return await state.run(id).catch((error: unknown) => {
    if (error instanceof ConfigError) return undefined
    throw error
  })
}

function isCommitted(run: RunResult): boolean {
  const { journal } = run.details
  return hasCommitted(run) && journal !== undefined && 'bytes' in journal
}

function bytesOf({ details: { journal } }: RunResult): number {
  return journal && 'bytes' in journal ? journal.bytes : 0
}

function isYoung({ clock }: Services, { startedAt }: RunResult, seconds: number): boolean {
  return clock.now().getTime() - Date.parse(startedAt) <= seconds * 1000
}
