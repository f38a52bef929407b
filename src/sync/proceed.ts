import type { SyncDefinition } from '../core/definition.ts'
import { toFailure } from '../core/errors.ts'
import type { RunResult } from '../core/run.ts'
import type { Comparison } from './compare-ends.ts'
import type { Passed } from './guard.ts'
import type { Planned } from './planned.ts'
import type { WithheldError } from './withheld.ts'

/** Whether the inserts of a run go on where the rest is withheld (`guard: { proceed: inserts }`). A replace is swapped in at once. */
export function proceeds({ mode }: Pick<SyncDefinition, 'mode'>, passed: Passed): boolean {
  return passed.insertsProceed && mode !== 'replace'
}

export function onlyInserts({ stage, comparison }: Pick<Planned, 'stage' | 'comparison'>): Comparison {
  return { ...comparison, compared: stage.only(comparison.compared, ['insert']) }
}

export function withoutInserts({ stage, comparison }: Pick<Planned, 'stage' | 'comparison'>): Comparison {
  return { ...comparison, compared: stage.only(comparison.compared, ['update', 'delete']) }
}

/** The whole target cannot agree while something is withheld: the changes that were made are read back. */
export function provingChanges(definition: SyncDefinition): SyncDefinition {
  return definition.verify === 'full' ? { ...definition, verify: 'checksum' } : definition
}

/** A run whose inserts were made, if it had any, and nothing else. */
export function asWithheld(result: RunResult, stopped: WithheldError): RunResult {
  const plan = stopped.plan === undefined ? {} : { plan: stopped.plan }
  const proceeded = result.counts.inserted > 0 ? ({ proceeded: true } as const) : {}
  return { ...result, status: 'withheld', error: toFailure(stopped), details: { ...result.details, ...plan, ...proceeded } }
}
