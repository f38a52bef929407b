import type { ExitCode } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { openSession } from '../session.ts'
import { type CompareFlags, compare, samples } from './compare.ts'

export interface DiffFlags extends CompareFlags {
  readonly key?: readonly string[]
}

/** Compares any two addresses. */
export async function diff(from: string, to: string, flags: DiffFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  return await compare([], flags, output, (signal) => syncline.diff(from, to, { key: flags.key ?? [], samples: samples(flags), signal }))
}
