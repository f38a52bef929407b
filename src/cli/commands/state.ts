import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { escapeControls } from '../screen/escape.ts'
import { openConfigured } from '../session.ts'

/** Prints the watermark of a sync. */
export async function getState(sync: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  return say(sync, await syncline.watermarks.get(sync), output)
}

/** Puts a watermark in place of the one there is: the next run reads from there. */
export async function setState(sync: string, watermark: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  await syncline.watermarks.set(sync, watermark)
  return say(sync, await syncline.watermarks.get(sync), output)
}

/** Forgets the watermark: the next run reads everything. */
export async function resetState(sync: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  await syncline.watermarks.reset(sync)
  return say(sync, null, output)
}

function say(sync: string, watermark: string | null, output: Output): ExitCode {
  if (output.json) output.document({ sync, watermark })
  else
    output.print([
      `${escapeControls(sync)}   ${watermark === null ? 'no watermark: the next run reads everything' : escapeControls(watermark)}`,
    ])
  return exitCodes.done
}
