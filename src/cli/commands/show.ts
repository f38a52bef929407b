import { existsSync } from 'node:fs'
import { formatCount } from '../../core/count.ts'
import type { PlanResult, RunResult } from '../../core/run.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { changeLines } from '../screen/changes.ts'
import { countsLine } from '../screen/counts.ts'
import { escapeControls, escapeLines } from '../screen/escape.ts'
import { approval, fromNowOn, passGuard } from '../screen/guard-hint.ts'
import { formatBytes, formatSeconds, tookText } from '../screen/numbers.ts'
import type { Screen } from '../screen/screen.ts'
import { localTime } from '../screen/time.ts'
import { displayWidth, pad } from '../screen/width.ts'
import { openSession } from '../session.ts'
import { type CompareFlags, samples } from './compare.ts'

/** One run with its counts, timings, error and what else there is to know; of a withheld one what it would have done. */
export async function show(run: string, flags: CompareFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const found = await syncline.show(run)
  const plans = await syncline.withheld(found.id, { samples: samples(flags) })
  if (output.json) output.document({ runs: [found], ...(plans.length > 0 ? { withheld: plans } : {}) })
  else
    output.print([...showLines(found, output.screen), ...plans.flatMap((plan) => withheldLines(plan, output.screen, flags.all === true))])
  return exitCodes.done
}

/** The changes of one table that a person has to decide about. */
function withheldLines(plan: PlanResult, screen: Screen, all: boolean): readonly string[] {
  const { sync, details, counts } = plan
  return [
    '',
    `  ${screen.style.strong(escapeControls(sync))}   ${escapeControls(details.from)} → ${escapeControls(details.to)}   would change:`,
    '',
    ...changeLines(plan, screen, all),
    '',
    `  ${countsLine(counts)}`,
    ...details.notes.map((note) => screen.style.warn(`  note: ${escapeControls(note)}`)),
  ]
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
    ['hint', hintOf(run)],
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

/** What to do next; a withheld run is approved, or its config says that such a run may pass. */
function hintOf({ sync, status, error, details }: RunResult): string {
  if (status !== 'withheld' || error?.code !== 'WITHHELD') return error?.hint ?? ''
  if (details.plan === undefined) return passGuard(sync, error.message).join('\n')
  const approve = existsSync(details.plan) ? `approve: ${approval(details.plan)}` : 'its plan was applied, or is not kept any more'
  return `${approve}\nfrom now on: ${fromNowOn(error.message)}`
}

/** Whether the run can be taken back. */
function journalText({ id, details: { journal } }: RunResult): string {
  if (!journal) return ''
  return 'none' in journal ? `none: ${journal.none}` : `${formatBytes(journal.bytes)}   take it back: syncline undo ${id}`
}
