import type { CommitProof, Endpoint } from '../connectors/connector.ts'
import { RunError } from '../core/errors.ts'
import type { PendingCommit, State } from '../state/state.ts'
import type { RunRequest, Services } from './services.ts'
import { openWork } from './work.ts'

/**
 * Settles what a run that died around its commit left open (rule 17): the target is asked whether the commit happened. If
 * so, that run has succeeded and its watermark holds; if not, nothing of it is there.
 * @throws RunError (`OUTCOME_UNKNOWN`) where the target cannot tell and the mode must know: `append`.
 */
export async function recover(services: Services, state: State, request: RunRequest): Promise<void> {
  const pending = await state.pendingCommit(request.definition.name)
  if (!pending) return
  await using work = await openWork(services, request)
  const outcome = await ask(work.target, pending)
  if (outcome === 'committed') return await state.finish(pending.result)
  if (outcome === 'unknown' && request.definition.mode === 'append') throw unknownOutcome(pending)
  await state.forgetCommit(request.definition.name)
}

async function ask(target: Endpoint, { proof }: PendingCommit): Promise<'committed' | 'rolled back' | 'unknown'> {
  return (await target.writer?.outcome?.(proof satisfies CommitProof)) ?? 'unknown'
}

function unknownOutcome({ result }: PendingCommit): RunError {
  return new RunError({
    code: 'OUTCOME_UNKNOWN',
    message: `run ${result.id} of \`${result.sync}\` died while it committed, and the target no longer knows whether it did`,
    hint: `see whether its ${result.counts.inserted} rows are there, then: syncline state reset ${result.sync}`,
  })
}
