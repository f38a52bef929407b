import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { journalDefaults, type SyncDefinition } from '../../core/definition.ts'
import type { RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import type { Services } from '../services.ts'
import { journalFolder } from './entry.ts'

/**
 * Removes the images of changes that were never committed, those that are older than `journal` says, and the oldest of those
 * that together take more room than it says. The caller holds the sync's lock; a commit that may have happened keeps its images.
 */
export async function clearJournals(services: Services, state: State, { name, journal }: SyncDefinition): Promise<void> {
  const folder = journalFolder(services, name)
  const files = await readdir(folder).catch(() => [])
  if (files.length === 0) return
  const limits = journal === 'off' ? { keepSeconds: 0, bytes: 0 } : (journal ?? journalDefaults)
  const pending = (await state.pendingCommit(name))?.result.id
  const runs = await Promise.all(files.map(async (file) => ({ file, run: await runOf(state, file) })))
  const kept = runs.filter(({ run }) => run !== undefined && isCommitted(run) && isYoung(services, run, limits.keepSeconds))
  const newest = kept.sort((a, b) => (b.run?.startedAt ?? '').localeCompare(a.run?.startedAt ?? ''))
  let room = limits.bytes
  const stay = new Set(pending === undefined ? [] : [`${pending}.parquet`])
  for (const { file } of newest) {
    room -= (await stat(join(folder, file))).size
    if (room >= 0) stay.add(file)
  }
  for (const file of files) if (!stay.has(file)) await rm(join(folder, file), { force: true })
}

async function runOf(state: State, file: string): Promise<RunResult | undefined> {
  const [, id] = /^([0-9a-f]+)\.parquet$/.exec(file) ?? []
  return id === undefined ? undefined : await state.run(id).catch(() => undefined)
}

function isCommitted({ status, details }: RunResult): boolean {
  return status === 'succeeded' && details.journal !== undefined && 'bytes' in details.journal
}

function isYoung({ clock }: Services, { startedAt }: RunResult, seconds: number): boolean {
  return clock.now().getTime() - Date.parse(startedAt) <= seconds * 1000
}
