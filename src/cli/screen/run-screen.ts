import { formatCount } from '../../core/count.ts'
import type { RunResult } from '../../core/run.ts'
import { changeParts, rejectParts } from './counts.ts'
import { escapeControls, escapeLines } from './escape.ts'
import { formatSeconds } from './numbers.ts'
import type { Screen } from './screen.ts'
import { displayWidth, pad } from './width.ts'

export interface RunScreenOptions {
  /** How wide the column of names is. */
  readonly names: number
  readonly verbose: boolean
}

/** What came of a run: one line where all is well, what to look at and to do next where it is not. */
export function runScreen(result: RunResult, screen: Screen, { names, verbose }: RunScreenOptions): readonly string[] {
  const lines = [...outcome(result, screen), ...remarks(result, screen), ...(verbose ? details(result, screen) : [])]
  const name = escapeControls(result.sync)
  if (displayWidth(name) > names) return [name, ...lines.map((line) => `  ${line}`)]
  return lines.map((line, i) => `${pad(i === 0 ? name : '', names)}   ${line}`)
}

function outcome(result: RunResult, { style }: Screen): readonly string[] {
  const { status, error } = result
  switch (status) {
    case 'succeeded':
    case 'differs':
    case 'running':
      return [`${status === 'differs' ? style.warn('≠') : style.good('✓')} ${success(result)}`]
    case 'withheld':
      return [
        `${style.warn('withheld')}: ${oneLine(error?.message ?? 'a guard is passed')}`,
        `look: syncline show ${result.id}`,
        ...(error?.hint === undefined ? [] : linesOf(error.hint)),
      ]
    case 'cancelled':
      return [`${style.warn('cancelled')} after ${formatSeconds(result.seconds)}; the next run continues`]
    case 'failed': {
      const [first = '', ...more] = linesOf(error?.message ?? 'no reason was given')
      return [`${style.bad('✗')} ${first}`, ...more, ...(error?.hint === undefined ? [] : linesOf(error.hint))]
    }
  }
}

/** `318 updates in 0.4 s, verified` */
function success({ counts, seconds, details: { verified } }: RunResult): string {
  const changes = changeParts(counts)
  const done = changes.length > 0 ? changes : [`in step, ${formatCount(counts.unchanged)} unchanged`]
  return `${[...done, ...rejectParts(counts)].join(', ')} in ${formatSeconds(seconds)}${verified === undefined ? '' : ', verified'}`
}

function remarks({ counts, sync, details: { schema, notes } }: RunResult, { style }: Screen): readonly string[] {
  return [
    ...schema.map((sql) => style.faint(oneLine(sql))),
    ...notes.map((note) => style.warn(`note: ${oneLine(note)}`)),
    ...(counts.rejected > 0 ? [`look: syncline rejects ${sync}`] : []),
  ]
}

function details({ id, bytesRead, watermark, details: { path, verified, timings } }: RunResult, { style }: Screen): readonly string[] {
  return [
    `path: ${oneLine(path)}`,
    ...(verified === undefined ? [] : [`verified: ${oneLine(verified)}`]),
    `run ${id}, ${formatCount(bytesRead)} bytes read${watermark === null ? '' : `, watermark ${oneLine(watermark)}`}`,
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
