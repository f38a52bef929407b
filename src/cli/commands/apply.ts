import type { ExitCode } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { openConfigured } from '../session.ts'
import { carryOut } from './run.ts'

/** Carries out the plans of a file, each as it is or not at all. */
export async function apply(file: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  return await carryOut(syncline.syncs, output, (signal) => syncline.apply(file, { signal }))
}
