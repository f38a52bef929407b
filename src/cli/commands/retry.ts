import type { ExitCode } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { carryOut } from './run.ts'

/** Tries the rejects of a sync again. */
export async function retry(sync: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  return await carryOut([sync], output, (signal) => syncline.retry(sync, { signal }))
}
