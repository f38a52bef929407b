import type { Endpoint } from '../../connectors/connector.ts'
import { RunError } from '../../core/errors.ts'
import type { PendingCommit, State } from '../../state/state.ts'

/**
 * Settles what a run of a family that died around its commit left open: all tables that were written together have the same
 * proof, and what it says holds for each (rule 17).
 * @throws RunError (`OUTCOME_UNKNOWN`) where the target cannot tell and a table is appended to.
 */
export async function recoverFamily(state: State, family: string, target: Endpoint): Promise<void> {
  const byProof = Map.groupBy(await state.pendingCommitsOf(family), ({ proof }) => JSON.stringify(proof))
  for (const pending of byProof.values()) {
    const [{ proof } = missing()] = pending
    const outcome = (await target.writer?.outcome?.(proof)) ?? 'unknown'
    if (outcome === 'unknown') refuseUnknown(family, pending)
    for (const { result } of pending) {
      if (outcome === 'committed') await state.finish(result)
      else await state.forgetCommit(result.sync)
    }
  }
}

function refuseUnknown(family: string, pending: readonly PendingCommit[]): void {
  const appended = pending.filter(({ result }) => result.mode === 'append')
  if (appended.length === 0) return
  throw new RunError({
    code: 'OUTCOME_UNKNOWN',
    message: `a run of \`${family}\` died while it committed, and the target no longer knows whether it did`,
    hint: `see whether the rows of ${appended.map(({ result }) => result.details.to).join(', ')} are there, then: syncline state reset ${family}`,
  })
}

function missing(): never {
  throw new Error('a proof without a commit')
}
