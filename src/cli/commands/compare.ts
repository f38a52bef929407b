import type { Activity, Syncline } from '../../app.ts'
import type { PlanResult } from '../../core/run.ts'
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
  return await compare(syncline.syncs, flags, output, (signal) =>
    start(syncline, command, {
      ...selection(flags, syncs),
      samples: samples(flags),
      signal,
      ...(flags.save === undefined ? {} : { save: flags.save }),
    }),
  )
}

/** Follows a comparison to its end and reports it. */
export async function compare(
  names: readonly string[],
  { all }: CompareFlags,
  output: Output,
  begin: (signal: AbortSignal) => Activity<PlanResult>,
): Promise<ExitCode> {
  using interrupts = new Interrupts(() => output.remark('stopping (again: stop at once)'))
  return reportComparisons(await follow(begin(interrupts.signal), output, names), output, all === true)
}

function start(syncline: Syncline, command: 'plan' | 'verify', options: Parameters<Syncline['plan']>[0]): Activity<PlanResult> {
  return command === 'plan' ? syncline.plan(options) : syncline.verify(options)
}
