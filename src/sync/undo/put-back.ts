import type { WriteSession } from '../../connectors/connector.ts'
import { RunError } from '../../core/errors.ts'
import type { Counts, RunResult } from '../../core/run.ts'
import type { State } from '../../state/state.ts'
import { commit, type Outcome } from '../apply.ts'
import { beginWriting, targetRef } from '../ends.ts'
import { type ContentEntry, contentPaths, keepContent, readContent } from '../journal/content.ts'
import { secondsSince } from '../result.ts'
import type { Services } from '../services.ts'
import type { OpenWork } from '../work.ts'
import type { TakenBack } from './ending.ts'
import { ofTarget } from './read-entry.ts'
import { hasImages } from './refuse.ts'
import { watermarkAfter } from './watermark.ts'

/** A run into a target that is written as a whole, on its way back. */
interface Whole {
  readonly begun: RunResult
  readonly work: OpenWork
  readonly run: RunResult
}

/**
 * Takes a run back byte for byte, where what it wrote is there as it left it.
 * @returns nothing where that cannot be, and rows are kept that tell what it changed.
 * @throws RunError (`CANNOT_UNDO`) where that cannot be, and none are.
 */
export async function putBack(services: Services, state: State, whole: Whole): Promise<TakenBack | undefined> {
  const { work, run } = whole
  const named = { sync: run.sync, run: run.id }
  const entry = await readContent(services, named)
  if (!entry) return undefined
  ofTarget(entry, work.definition)
  await using session = await beginWriting(work)
  work.progress('comparing', { rows: 0, bytes: 0 })
  const found = (await session.putBack?.(targetRef(work.definition), entry, contentPaths(services, named).former)) ?? 'lost'
  if (found === 'there') return await endOf(services, state, whole, entry)
  if (found === 'waits') return await commitPutBack(services, state, whole, { session, entry })
  if (await hasImages(services, run)) return undefined
  const { what, hint } = hindered[found]
  throw new RunError({
    code: 'CANNOT_UNDO',
    message: `run ${run.id} cannot be undone: ${what(work.definition.to.object)}; nothing was changed`,
    hint,
  })
}

const hindered = {
  moved: {
    what: (object: string) => `others changed \`${object}\` since, and nothing tells which of its rows are whose`,
    hint: 'where later runs did, undo those first, the latest before the others',
  },
  lost: {
    what: (object: string) => `what \`${object}\` was before is not kept as it was: somebody changed or removed it`,
    hint: 'see who writes to the folder of the journal',
  },
}

interface Written {
  readonly session: WriteSession
  readonly entry: ContentEntry
}

async function commitPutBack(services: Services, state: State, whole: Whole, { session, entry }: Written): Promise<TakenBack | undefined> {
  let ended: TakenBack | undefined
  await commit(whole.work, session, nothingToTell, async (_, proof) => {
    ended = await endOf(services, state, whole, entry, session)
    if (proof) await state.expectCommit({ proof, result: ended.result })
  })
  return ended
}

const nothingToTell: Outcome = { applied: { inserted: 0, updated: 0, deleted: 0, moved: [] }, rejects: [], notes: [], schema: [] }

/** What it counts is what the run counted, turned round. @param session of one that changes something, and can be undone itself. */
async function endOf(services: Services, state: State, { begun, work, run }: Whole, entry: ContentEntry, session?: WriteSession) {
  const { inserted, updated, deleted } = run.counts
  const read = inserted + updated + deleted
  const counts: Counts = session
    ? { read, inserted: deleted, updated, deleted: inserted, unchanged: 0, rejected: 0 }
    : { read, inserted: 0, updated: 0, deleted: 0, unchanged: read, rejected: 0 }
  const { value, notes } = await watermarkAfter(state, work.openStage, begun, entry)
  const journal = session && (await keepContent(services, { run: begun.id, work, session, taken: 0 }))
  const result: RunResult = {
    ...begun,
    status: 'succeeded',
    counts,
    watermark: value,
    seconds: secondsSince(services, begun),
    details: {
      ...begun.details,
      key: run.details.key,
      path: 'undo: the journal kept what was there before, as a whole',
      ...(session ? ({ verified: proved(entry), verifiedBy: 'checksums' } as const) : {}),
      notes,
      timings: work.timings(),
      ...(journal ? { journal } : {}),
    },
  }
  return { result, rejects: [] }
}

function proved({ former }: ContentEntry): string {
  return former === 'absent' ? 'nothing is there, as before the run' : 'it is byte for byte what it was before the run'
}
