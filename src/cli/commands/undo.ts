import type { ExitCode } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { carryOut } from './run.ts'

/** Takes a run back. */
export async function undo(run: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  return await carryOut([], output, (signal) => syncline.undo(run, { signal }))
}
