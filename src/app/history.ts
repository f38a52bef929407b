import { ConfigError } from '../core/errors.ts'
import { belongsTo } from '../core/family.ts'
import { didYouMean } from '../core/nearest.ts'
import type { RunResult } from '../core/run.ts'
import { shellWord } from '../core/shell.ts'
import { isLocked } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import type { Services } from '../sync/services.ts'

/**
 * For an answer that is empty: a name that nobody knows is a mistake.
 * @param configured names of the config's syncs; those that ran from a command line alone are in the state.
 * @throws ConfigError (`UNKNOWN_SYNC`) with the nearest name.
 */
export async function refuseUnknownSync(sync: string, configured: readonly string[], state: State): Promise<void> {
  if (configured.some((name) => belongsTo(sync, name)) || (await state.runs({ sync, limit: 1 })).length > 0) return
  const ran = (await state.runs({ limit: 1000 })).map((run) => run.sync)
  const known = [...new Set([...configured, ...ran])]
  throw new ConfigError({
    code: 'UNKNOWN_SYNC',
    message: `no sync is named \`${sync}\`, in the config or among the runs`,
    hint: didYouMean(sync, known) ?? (known.length === 0 ? 'nothing has run yet' : `syncs are ${known.join(', ')}`),
  })
}

/** @throws ConfigError (`UNKNOWN_RUN`) where no run, or more than one, has an id that begins so. */
export async function findRun(id: string, configured: readonly string[], state: State): Promise<RunResult> {
  try {
    return await state.run(id)
  } catch (error) {
    if (!configured.includes(id) && (await state.runs({ sync: id, limit: 1 })).length === 0) throw error
    const message = `\`${id}\` is a sync; expected the id of one of its runs`
    throw new ConfigError({ code: 'UNKNOWN_RUN', message, hint: `list them: syncline runs ${shellWord(id)}`, cause: error })
  }
}

/** Runs as they are now: one that nobody holds the lock of any more has ended without a word. */
export async function withInterrupted(runs: readonly RunResult[], locks: string, state: State): Promise<readonly RunResult[]> {
  return await Promise.all(runs.map((run) => (run.status === 'running' && !isLocked(locks, run.sync) ? asLeft(run, state) : run)))
}

/** A run whose images were kept and are not any more says so. */
export async function withJournal(run: RunResult, services: Pick<Services, 'journalDirectory'>): Promise<RunResult> {
  const { journal } = run.details
  if (!journal || 'none' in journal) return run
  const { whyNotUndone } = await import('../sync/undo/refuse.ts')
  const none = await whyNotUndone(services, run)
  return none === undefined ? run : { ...run, details: { ...run.details, journal: { none } } }
}

/** It may have ended between the look at the state and that at the lock. */
async function asLeft({ id }: RunResult, state: State): Promise<RunResult> {
  const run = await state.run(id)
  if (run.status !== 'running') return run
  const error = {
    fix: 'retry' as const,
    code: 'INTERRUPTED',
    message: 'its process ended before the run did; the next run finds out what became of it',
    hint: 'run it again',
  }
  return { ...run, status: 'failed', error }
}
