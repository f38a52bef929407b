import type { PlanResult } from '../../core/run.ts'
import type { Planned } from '../planned.ts'
import { digesting, hiddenIn } from '../redact.ts'
import { definitionDigest, planColumns, rowsAddedTo, type SavedPlan } from './saved-plan.ts'

/** Adds what was planned to a file of plans, which comes into being where it is not there. */
export async function savePlan({ work, stage, comparison, watermark }: Planned, planned: PlanResult, file: string): Promise<void> {
  const targetRows = await rowsAddedTo(work, comparison)
  const { samples: _, ...result } = planned
  const hidden = hiddenIn(work.definition)
  const plan: SavedPlan = {
    version: 1,
    result,
    definition: definitionDigest(work.definition),
    watermark: { before: watermark, after: comparison.watermark },
    columns: planColumns(comparison),
    images: {
      after: comparison.compared.inserts.columns.map(({ name }) => name),
      before: comparison.compared.deletes.columns.map(({ name }) => name),
    },
    ...(targetRows === undefined ? {} : { targetRows }),
    ...(hidden ? { hidden } : {}),
  }
  await stage.save(comparison.compared, file, JSON.stringify(plan), digesting(work.definition, hidden))
}
