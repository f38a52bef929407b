import { createStyle, type Style } from './style.ts'

/** Where people read: how wide it is and whether it shows colours. */
export interface Screen {
  /** Cells of a line; `Infinity` where lines may be of any length. */
  readonly width: number
  readonly style: Style
}

/** The screen that a stream is. Colours only on a terminal, without `NO_COLOR` and `--no-color`. */
export function screenOf(stream: { readonly isTTY?: boolean; readonly columns?: number }, color: boolean): Screen {
  const isTerminal = stream.isTTY === true
  const width = isTerminal ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY
  return { width, style: createStyle(color && isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb') }
}
