import type { Activity } from '../../app.ts'
import type { RunResult } from '../../core/run.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { follow } from '../follow.ts'
import { Interrupts } from '../interrupts.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { nameWidth } from '../progress.ts'
import { reportDocument } from '../report.ts'
import { runScreen } from '../screen/run-screen.ts'
import { openConfigured, selection } from '../session.ts'

/** Plans and applies the selected syncs, each after those it depends on. */
export async function run(syncs: readonly string[], flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  const names = syncs.length > 0 ? syncs : syncline.syncs
  return await carryOut(names, output, (signal) => syncline.run({ ...selection(flags, syncs), signal }))
}

/** Follows runs to their end, saying what came of each as soon as it has ended. */
export async function carryOut(
  names: readonly string[],
  output: Output,
  begin: (signal: AbortSignal) => Activity<RunResult>,
): Promise<ExitCode> {
  using interrupts = new Interrupts(() => output.remark('stopping: what is open is rolled back (again: stop at once)'))
  const results = await follow(begin(interrupts.signal), output, names, (result, all) => {
    if (output.json || (output.quiet && exitCode([result]) === 0)) return
    output.print(runScreen(result, output.screen, { names: nameWidth(all), verbose: output.verbose }))
  })
  return output.json ? reportDocument(results, output) : exitCode(results)
}
