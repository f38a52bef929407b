import { CancelledError, RunError, toSynclineError } from '../../core/errors.ts'
import type { RunResult } from '../../core/run.ts'
import type { Outcome } from '../apply.ts'
import { unchangedRows } from '../compare-ends.ts'
import type { SetAside } from '../rejects.ts'
import { countRows, failedResult, nextWatermark, notesOf, secondsSince } from '../result.ts'
import { rejectsOf } from '../run-sync.ts'
import type { Services } from '../services.ts'
import { WithheldError } from '../withheld.ts'
import { nameOf, type Part, type Ready } from './part.ts'

/** How the run of one table ends once the commit of all of them has happened. */
export function succeeded(services: Services, part: Ready, outcome: Outcome, before: SetAside, tables: number): RunResult {
  const { comparison, held, begun, watermark, work, withheld } = part
  const rejects = before.and(outcome.rejects)
  const shape = comparison?.shape ?? held?.shape
  const path = comparison?.path ?? 'staged: no key tells rows apart'
  return {
    ...begun,
    status: 'succeeded',
    counts: countRows(comparison?.read ?? held?.read ?? 0, outcome.applied, comparison ? unchangedRows(comparison) : 0, rejects.count),
    bytesRead: comparison?.bytes ?? held?.bytes ?? 0,
    watermark: withheld ? watermark : comparison ? nextWatermark(comparison, watermark, rejects) : null,
    seconds: secondsSince(services, begun),
    details: {
      ...begun.details,
      key: shape?.key ?? [],
      path: tables === 1 ? path : `${path}; one unit of work with ${tables - 1} other tables`,
      ...(outcome.verified === undefined ? {} : { verified: outcome.verified }),
      ...(outcome.verifiedBy === undefined ? {} : { verifiedBy: outcome.verifiedBy }),
      schema: outcome.schema,
      notes: [...(comparison ? notesOf(comparison) : []), ...outcome.notes],
      timings: work.timings(),
    },
  }
}

export interface Ended {
  readonly result: RunResult
  /** Rows that are kept though nothing was written. */
  readonly rejects: SetAside | undefined
}

/**
 * How the runs of all tables end where nothing was written: those that failed with what happened to them, the others along
 * with them.
 * @param faults by table; empty where what was thrown belongs to none.
 */
export async function together(
  services: Services,
  family: string,
  parts: readonly Part[],
  faults: ReadonlyMap<string, unknown>,
  thrown?: unknown,
): Promise<readonly Ended[]> {
  return await Promise.all(
    parts.map(async (part) => {
      const error = faults.get(nameOf(part)) ?? thrown ?? along(family, faults)
      return { result: await failedResult(services, part.request, part.begun, error), rejects: rejectsOf(error) }
    }),
  )
}

/** A table that has no fault of its own ends as the others do. */
function along(family: string, faults: ReadonlyMap<string, unknown>): RunError {
  const causes = [...faults].map(([name, thrown]) => ({ name, error: toSynclineError(thrown) }))
  const cause = causes.find(({ error }) => !(error instanceof WithheldError)) ?? causes[0]
  if (!cause || cause.error instanceof CancelledError) return cause?.error ?? new CancelledError()
  const isWithheld = cause.error instanceof WithheldError
  const message = `nothing was changed, because \`${cause.name}\` ${isWithheld ? 'is withheld' : 'failed'}: the tables of \`${family}\` change together or not at all`
  const hint = `look at \`${cause.name}\` first`
  if (cause.error instanceof WithheldError)
    return new WithheldError({ ...cause.error.passed, reason: message }, { code: 'WITHHELD_TOGETHER', hint, plan: cause.error.plan })
  return new RunError({ code: 'ROLLED_BACK_TOGETHER', message, hint })
}
