import type { Compared, Stage } from '../../stage/stage.ts'
import type { Comparison } from '../compare-ends.ts'
import type { Work } from '../ends.ts'
import { digesting } from '../redact.ts'
import { isReplacedWhole } from '../replace-whole.ts'
import { type PlanToApply, refuseMoved, refuseOtherColumns, refuseOtherRedaction, rowsAddedTo, stale } from './saved-plan.ts'

/**
 * The changes of a plan, if they are still those of both sides.
 * @throws RunError (`PLAN_STALE`) saying what moved.
 */
export async function asPlanned(work: Work, stage: Stage, found: Comparison, plan: PlanToApply): Promise<Comparison> {
  refuseOtherRedaction(plan, work.definition)
  refuseOtherColumns(plan, found)
  const targetRows = await rowsAddedTo(work, found)
  if (targetRows !== plan.targetRows) throw stale(plan, `the target holds ${targetRows ?? 0} rows, and held ${plan.targetRows ?? 0}`)
  const { compared, moved } = await stage.asSaved(found.compared, plan.file, plan.number, digesting(work.definition, plan.hidden))
  refuseMoved(plan, moved)
  const whole = isReplacedWhole(work, found)
  if (whole && countOf(compared) < countOf(found.compared))
    throw stale(plan, 'rows came or went that it does not know, and a replace of rows without a key writes all of them')
  return {
    ...found,
    compared,
    targetRows: targetRows ?? found.targetRows,
    watermark: plan.watermark.after,
    // What comes from now on is not in the plan either, and would go along with the rows that are replaced.
    ...(whole ? { rewritten: true } : {}),
  }
}

function countOf({ inserts, updates, deletes }: Compared): number {
  return inserts.count + updates.count + deletes.count
}
