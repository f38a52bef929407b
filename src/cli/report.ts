import type { PlanResult, RunResult } from '../core/run.ts'
import { type ExitCode, exitCode } from './exit-code.ts'
import type { Output } from './output.ts'
import { planScreen } from './screen/plan-screen.ts'

/** Prints what plans, verifications or diffs found; with `all`, cells in full length where no terminal bounds it. */
export function reportComparisons(results: readonly PlanResult[], output: Output, all: boolean): ExitCode {
  if (output.json) return reportDocument(results, output)
  for (const result of results) output.print(planScreen(result, output.screen, { verbose: output.verbose, quiet: output.quiet, all }))
  return exitCode(results)
}

/** `{ "runs": […] }`, as every command about runs has it. */
export function reportDocument(results: readonly RunResult[], output: Output): ExitCode {
  output.document({ runs: results })
  return exitCode(results)
}
