import { access } from 'node:fs/promises'
import { RunError } from '../../core/errors.ts'
import { hasCommitted, type RunResult } from '../../core/run.ts'
import { contentPaths } from '../journal/content.ts'
import { journalPath, loadPaths } from '../journal/entry.ts'
import type { Services } from '../services.ts'

/** @throws RunError (`CANNOT_UNDO`) saying why a run cannot be taken back. */
export async function refuseUndone(services: Services, run: RunResult): Promise<void> {
  const why = await whyNotUndone(services, run)
  if (why === undefined) return
  throw new RunError({ code: 'CANNOT_UNDO', message: `run ${run.id} cannot be undone: ${why}`, hint: 'nothing was changed' })
}

/** Why a run cannot be taken back, `undefined` where it can. */
export async function whyNotUndone(services: Pick<Services, 'journalDirectory'>, run: RunResult): Promise<string | undefined> {
  const { command, status, counts, details } = run
  if (command !== 'run' && command !== 'apply' && command !== 'undo') return `it is a ${command}, which changes nothing`
  if (!hasCommitted(run)) {
    if (details.stays) return `it is ${status}; what it changed before that stays, because this target takes nothing back`
    return status === 'running' ? 'it has not ended' : `it is ${status}, and changed nothing`
  }
  if (details.journal && 'none' in details.journal) return details.journal.none
  if (counts.inserted + counts.updated + counts.deleted === 0) return 'it changed nothing'
  if (!details.journal) return 'no images of its changes were kept'
  return (await hasImages(services, run)) || (await hasContent(services, run))
    ? undefined
    : 'the images of its changes are not kept any more: `journal` says how long they are'
}

/** Whether rows are kept of it: of a run that compared them one file; of one that loaded them two. */
export async function hasImages(services: Pick<Services, 'journalDirectory'>, run: Pick<RunResult, 'id' | 'sync'>): Promise<boolean> {
  const named = { sync: run.sync, run: run.id }
  const { entry, rows } = loadPaths(services, named)
  return (await isThere(journalPath(services, named))) || ((await isThere(entry)) && (await isThere(rows)))
}

/** Whether a target that is written as a whole is kept as it was. */
async function hasContent(services: Pick<Services, 'journalDirectory'>, { id, sync }: RunResult): Promise<boolean> {
  return await isThere(contentPaths(services, { sync, run: id }).entry)
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
