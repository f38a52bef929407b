import { join } from 'node:path'
import { RunError } from '../../core/errors.ts'
import { writeDurably } from '../journal/durably.ts'
import { type Planned, plannedOf } from '../planned.ts'
import type { Services } from '../services.ts'
import { savePlan } from './save.ts'

/** The file that holds what a guard withheld of a run. */
function keptPlanPath({ planDirectory }: Pick<Services, 'planDirectory'>, run: string): string {
  return join(planDirectory, `${run}.plan`)
}

/**
 * Keeps what a guard withholds, so that a person can look at it and apply it as it is: on disk for good when it returns.
 * @param run names the file.
 * @returns its path.
 * @throws RunError (`PLAN_NOT_KEPT`) where the file cannot be written.
 */
export async function keepPlan(services: Services, run: string, tables: readonly Planned[]): Promise<string> {
  const path = keptPlanPath(services, run)
  await writeDurably(
    path,
    async (beside) => {
      for (const table of tables) await savePlan(table, await plannedOf(services, table, { command: 'plan', samples: 0 }), beside)
    },
    notKept,
  )
  return path
}

function notKept(folder: string, cause: unknown): RunError {
  return new RunError({
    code: 'PLAN_NOT_KEPT',
    message: `what a guard withholds cannot be kept in ${folder}: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'it could not be stored'}; nothing was changed`,
    hint: 'see that there is room and that the folder may be written, then run again',
    cause,
  })
}
