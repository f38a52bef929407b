import { formatCount } from '../../core/count.ts'
import type { RunResult } from '../../core/run.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { countsLine } from '../screen/counts.ts'
import { escapeControls, escapeLines } from '../screen/escape.ts'
import { guardHint } from '../screen/guard-hint.ts'
import { formatBytes, formatSeconds, tookText } from '../screen/numbers.ts'
import type { Screen } from '../screen/screen.ts'
import { localTime } from '../screen/time.ts'
import { displayWidth, pad } from '../screen/width.ts'
import { openSession } from '../session.ts'

/** One run with its counts, timings, error and what else there is to know. */
export async function show(run: string, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const found = await syncline.show(run)
  if (output.json) output.document({ runs: [found] })
  else output.print(showLines(found, output.screen))
  return exitCodes.done
}

export function showLines(run: RunResult, { style }: Screen): readonly string[] {
  const { details, error, counts } = run
  const took = tookText(run)
  const by = details.key.length > 0 ? ` by ${details.key.join(', ')}` : ''
  const facts: readonly (readonly [string, string])[] = [
    ['sync', `${run.sync}   ${run.mode}${by}`],
    ['from', details.from],
    ['to', details.to],
    ['status', run.status],
    ['started', `${localTime(run.startedAt)}${took === '' ? '' : `, took ${took}`}`],
    ['rows', `${formatCount(counts.read)} read   ${countsLine(counts)}`],
    ['bytes read', formatBytes(run.bytesRead)],
    ['watermark', run.watermark ?? ''],
    ['path', details.path],
    [details.verifiedBy === 'counts' ? 'counted' : 'verified', details.verified ?? ''],
    [
      'timings',
      Object.entries(details.timings)
        .map(([name, seconds]) => `${name} ${formatSeconds(seconds)}`)
        .join(', '),
    ],
    ['schema', details.schema.join('\n')],
    ['notes', details.notes.join('\n')],
    ['error', error === null ? '' : `${error.message} (${error.code})`],
    ['hint', run.status === 'withheld' && error?.code === 'WITHHELD' ? guardHint(run.sync, error.message).join('\n') : (error?.hint ?? '')],
    ['undoes', details.undoes ?? ''],
    ['journal', journalText(run)],
    ['rejects', counts.rejected > 0 ? `syncline rejects --run ${run.id}` : ''],
  ]
  const shown = facts.filter(([, text]) => text !== '')
  const names = Math.max(...shown.map(([name]) => displayWidth(name)))
  return [
    `${style.strong(run.command)} ${escapeControls(run.id)}`,
    '',
    ...shown.flatMap(([name, text]) =>
      escapeLines(text)
        .split('\n')
        .map((line, i) => `  ${style.faint(pad(i === 0 ? name : '', names))}   ${line}`),
    ),
  ]
}

/** Whether the run can be taken back. */
function journalText({ id, details: { journal } }: RunResult): string {
  if (!journal) return ''
  return 'none' in journal ? `none: ${journal.none}` : `${formatBytes(journal.bytes)}   take it back: syncline undo ${id}`
}
