import { formatAmount, formatCount } from '../../core/count.ts'
import type { Phase } from '../../core/run.ts'
import { escapeControls } from './escape.ts'
import { formatSeconds } from './numbers.ts'
import type { Screen } from './screen.ts'
import { displayWidth, pad, truncate } from './width.ts'

export interface Progress {
  readonly sync: string
  readonly phase: Phase
  readonly rows: number
  readonly total?: number
  /** Since the phase began. */
  readonly seconds: number
}

const widestBar = 25
const widestName = 40

/** `customers   ████████░░░░   62%   1,204,000 rows   412,000/s   2 s left   comparing`, cut to the screen. */
export function progressLine({ sync, phase, rows, total, seconds }: Progress, screen: Screen, names: number): string {
  const name = pad(truncate(escapeControls(sync), Math.max(names, widestName)), names)
  const share = total === undefined || total <= 0 ? undefined : Math.min(1, rows / total)
  const rate = seconds > 0.2 ? rows / seconds : 0
  const facts = [
    rows > 0 ? formatAmount(rows, 'row') : '',
    rate >= 1 ? `${formatCount(roughly(rate))}/s` : '',
    share !== undefined && total !== undefined && share < 1 && rate >= 1 ? `${formatLeft((total - rows) / rate)} left` : '',
    phase,
  ].filter((fact) => fact !== '')
  const percent = share === undefined ? [] : [pad(`${Math.floor(share * 100)}%`, 4, 'right')]
  const wide = layOut(name, share, [...percent, ...facts], '   ', screen.width)
  return /[█░]/.test(wide) || share === undefined ? wide : layOut(name, share, [...percent, ...facts], '  ', screen.width)
}

/** The bar takes what room is left, and stays away where that is too little. */
function layOut(name: string, share: number | undefined, facts: readonly string[], gap: string, width: number): string {
  const tail = facts.join(gap)
  const room = Math.min(widestBar, width - 1 - displayWidth(name) - displayWidth(tail) - 2 * gap.length)
  const head = share === undefined || room < 5 ? [name] : [name, bar(share, room)]
  return truncate([...head, tail].join(gap), width - 1)
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width)
  return '█'.repeat(full) + '░'.repeat(width - full)
}

/** Whole seconds: an estimate has no tenths. */
function formatLeft(seconds: number): string {
  return seconds < 10 ? `${Math.ceil(seconds)} s` : formatSeconds(seconds)
}

/** Three digits say enough of a rate that changes all the time. */
function roughly(rate: number): number {
  return Number(rate.toPrecision(3))
}
