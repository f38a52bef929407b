import { formatCount } from '../../core/count.ts'
import type { RunResult } from '../../core/run.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { changeParts, rejectParts } from '../screen/counts.ts'
import { escapeControls } from '../screen/escape.ts'
import { tookText } from '../screen/numbers.ts'
import { table } from '../screen/table.ts'
import { localTime } from '../screen/time.ts'
import { openSession } from '../session.ts'

export interface RunsFlags extends GlobalOptions {
  readonly limit: number
}

/** Lists runs, the newest first. */
export async function runs(sync: string | undefined, flags: RunsFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const found = await syncline.runs({ limit: flags.limit, ...(sync === undefined ? {} : { sync }) })
  if (output.json) output.document({ runs: found })
  else output.print(found.length === 0 ? ['no runs yet'] : runLines(found, output))
  return exitCodes.done
}

function runLines(found: readonly RunResult[], { screen }: Output): readonly string[] {
  const columns = [
    { title: 'run', whole: true },
    { title: 'sync' },
    { title: 'started', whole: true },
    { title: 'took', align: 'right', whole: true },
    { title: 'status', whole: true },
    { title: 'rows' },
  ] as const
  const [head = '', ...body] = table(
    columns,
    found.map((run) => [
      run.id.slice(0, 8),
      escapeControls(run.sync),
      localTime(run.startedAt),
      tookText(run),
      run.error?.code === 'INTERRUPTED' ? 'interrupted' : run.status,
      rowsCell(run),
    ]),
    screen.width,
  )
  return [screen.style.faint(head), ...body]
}

function rowsCell({ counts }: RunResult): string {
  const parts = [...changeParts(counts), ...rejectParts(counts)]
  if (parts.length > 0) return parts.join(', ')
  return counts.unchanged > 0 ? `${formatCount(counts.unchanged)} unchanged` : ''
}
