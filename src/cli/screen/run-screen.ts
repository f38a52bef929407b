import { formatAmount, formatCount } from '../../core/count.ts'
import type { RunResult } from '../../core/run.ts'
import { shellWord } from '../../core/shell.ts'
import { changeParts, rejectParts } from './counts.ts'
import { escapeControls, escapeLines } from './escape.ts'
import { guardHint } from './guard-hint.ts'
import { formatSeconds } from './numbers.ts'
import type { Screen } from './screen.ts'
import type { Style } from './style.ts'
import { displayWidth, pad, truncate } from './width.ts'

export interface RunScreenOptions {
  /** How wide the column of names is. */
  readonly names: number
  readonly verbose: boolean
}

/** What came of a run: one line where all is well, what to look at and to do next where it is not. */
export function runScreen(result: RunResult, screen: Screen, { names, verbose }: RunScreenOptions): readonly string[] {
  const name = escapeControls(result.sync)
  const isLong = displayWidth(name) > names
  const room = verbose ? Number.POSITIVE_INFINITY : screen.width - (isLong ? 2 : names + 3)
  const lines = [...outcome(result, screen), ...remarks(result, screen, room), ...(verbose ? details(result, screen) : [])]
  if (isLong) return [name, ...lines.map((line) => `  ${line}`)]
  return lines.map((line, i) => `${pad(i === 0 ? name : '', names)}   ${line}`)
}

function outcome(result: RunResult, { style }: Screen): readonly string[] {
  const { status, error } = result
  switch (status) {
    case 'succeeded':
    case 'differs':
    case 'running':
      return [`${mark(result, style)} ${success(result)}`]
    case 'withheld':
      return [
        `${style.warn('withheld')}: ${oneLine(error?.message ?? 'a guard is passed')}`,
        ...(result.details.proceeded ? [`done all the same: ${changeParts(result.counts).join(', ')}`] : []),
        // The tables of one sync change together: one approval is for all of them.
        ...(error?.code === 'WITHHELD_TOGETHER' ? [] : guardHint(result)),
      ]
    case 'cancelled':
      return [`${style.warn('cancelled')} after ${formatSeconds(result.seconds)}; the next run continues`]
    case 'failed': {
      const [first = '', ...more] = linesOf(error?.message ?? 'no reason was given')
      return [`${style.bad('✗')} ${first}`, ...more, ...(error?.hint === undefined ? [] : linesOf(error.hint))]
    }
  }
}

function mark({ status, counts }: RunResult, style: Style): string {
  if (status === 'differs') return style.warn('≠')
  return counts.rejected > 0 ? style.warn('!') : style.good('✓')
}

/** `318 updates in 0.4 s, verified`; with rejects the sides do not agree, whatever of the rest was read back. */
function success({ counts, seconds, details }: RunResult): string {
  const took = `in ${formatSeconds(seconds)}`
  const changes = changeParts(counts)
  const unchanged = `${formatCount(counts.unchanged)} unchanged`
  if (counts.rejected > 0) {
    const rest = changes.length === 0 && counts.unchanged > 0 ? [unchanged] : changes
    return `${[...rest, ...rejectParts(counts)].join(', ')} ${took}`
  }
  const done = changes.length > 0 ? changes : ['in step', unchanged]
  const proved = details.verified === undefined ? '' : details.verifiedBy === 'counts' ? ', counted' : ', verified'
  return `${done.join(', ')} ${took}${proved}`
}

function remarks({ counts, sync, details: { schema, notes } }: RunResult, { style }: Screen, room: number): readonly string[] {
  return [
    ...schema.map((sql) => style.faint(truncate(oneLine(sql), room))),
    ...notes.map((note) => style.warn(`note: ${oneLine(note)}`)),
    ...(counts.rejected > 0 ? [`look: syncline rejects ${escapeControls(shellWord(sync))}`] : []),
  ]
}

function details({ id, bytesRead, watermark, details: { path, verified, timings } }: RunResult, { style }: Screen): readonly string[] {
  return [
    ...(path === '' ? [] : [`path: ${oneLine(path)}`]),
    ...(verified === undefined ? [] : [`verified: ${oneLine(verified)}`]),
    `run ${id}, ${formatAmount(bytesRead, 'byte')} read${watermark === null ? '' : `, watermark ${oneLine(watermark)}`}`,
    ...(Object.keys(timings).length === 0
      ? []
      : [
          Object.entries(timings)
            .map(([name, seconds]) => `${name} ${formatSeconds(seconds)}`)
            .join(', '),
        ]),
  ].map(style.faint)
}

function oneLine(text: string): string {
  return escapeControls(text.replaceAll(/\s*\n\s*/g, ' '))
}

function linesOf(text: string): readonly string[] {
  return escapeLines(text).split('\n')
}
