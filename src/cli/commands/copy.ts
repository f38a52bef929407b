import { type ModeWord, modeOf } from '../../config/modes.ts'
import type { ExitCode } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { carryOut } from './run.ts'

export interface CopyFlags extends GlobalOptions {
  readonly mode?: ModeWord
  readonly key?: readonly string[]
  readonly guard?: 'off'
}

/** One sync from the command line. */
export async function copy(from: string, to: string, { mode, key, guard, ...flags }: CopyFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const options = {
    ...(mode === undefined ? {} : { mode: modeOf(mode) }),
    ...(key === undefined ? {} : { key }),
    ...(guard === undefined ? {} : { guard }),
  }
  return await carryOut([], output, (signal) => syncline.copy(from, to, { ...options, signal }))
}
