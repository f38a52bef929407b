import type { Activity } from '../../app.ts'
import type { ChangeSample, PlanResult } from '../../core/run.ts'
import type { ExitCode } from '../exit-code.ts'
import { follow } from '../follow.ts'
import { Interrupts } from '../interrupts.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { reportComparisons } from '../report.ts'
import { openConfigured, selection } from '../session.ts'

export interface CompareFlags extends GlobalOptions {
  readonly all?: true
  readonly limit?: number
  readonly save?: string
  readonly html?: string
}

/** Changes of each kind that are shown unless flags say otherwise. */
const shownChanges = 10

export function samples({ all, limit }: CompareFlags): number {
  return all ? Number.MAX_SAFE_INTEGER : (limit ?? shownChanges)
}

/** `plan` and `verify`: compares the selected syncs and says what differs. */
export async function compareSyncs(
  command: 'plan' | 'verify',
  syncs: readonly string[],
  flags: CompareFlags,
  output: Output,
): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  const { save, html } = flags
  const options = { ...selection(flags, syncs), ...(save === undefined ? {} : { save }) }
  if (html === undefined)
    return await compare(syncline.syncs, flags, output, (signal) => syncline[command]({ ...options, samples: samples(flags), signal }))
  const { mostChanges, writePlanPage } = await import('../page/plan-page.ts')
  const results = await comparing(syncline.syncs, output, (signal) => syncline[command]({ ...options, samples: mostChanges, signal }))
  await writePlanPage(html, results)
  return reportComparisons(
    results.map((result) => ({ ...result, samples: first(result.samples, samples(flags)) })),
    output,
    flags.all === true,
  )
}

/** Follows a comparison to its end and reports it. */
export async function compare(
  names: readonly string[],
  { all }: CompareFlags,
  output: Output,
  begin: (signal: AbortSignal) => Activity<PlanResult>,
): Promise<ExitCode> {
  return reportComparisons(await comparing(names, output, begin), output, all === true)
}

async function comparing(
  names: readonly string[],
  output: Output,
  begin: (signal: AbortSignal) => Activity<PlanResult>,
): Promise<readonly PlanResult[]> {
  using interrupts = new Interrupts(() => output.remark('stopping (again: stop at once)'))
  return await follow(begin(interrupts.signal), output, names)
}

/** So many of each kind. */
function first(changes: readonly ChangeSample[], limit: number): readonly ChangeSample[] {
  return Object.values(Object.groupBy(changes, ({ kind }) => kind)).flatMap((some) => some.slice(0, limit))
}
