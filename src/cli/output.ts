import type { Logger } from '../core/logger.ts'
import type { GlobalOptions } from './options.ts'
import { escapeLines } from './screen/escape.ts'
import { type Screen, screenOf } from './screen/screen.ts'

/** Where a command speaks: results on stdout, everything else on stderr. */
export interface Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** What stdout is shown on. */
  readonly screen: Screen
  /** What stderr is shown on, `undefined` where it is no terminal. */
  readonly terminal: Screen | undefined
  /** Lines of a result, for people. */
  print(lines: readonly string[]): void
  /** The one JSON document of a command. */
  document(value: unknown): void
  /** Text on stderr as it is: progress. */
  tell(text: string): void
  /** A remark on stderr, where it is not to be kept quiet. */
  remark(message: string): void
  readonly logger: Logger
}

export function createOutput({ json, quiet, verbose, color }: GlobalOptions): Output {
  const { stdout, stderr } = process
  const tell = (text: string) => void stderr.write(text)
  const held: string[] = []
  return {
    json: json === true,
    quiet: quiet === true,
    verbose: verbose === true,
    screen: screenOf(stdout, color),
    terminal: stderr.isTTY ? screenOf(stderr, color) : undefined,
    print: (lines) => {
      if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`)
      for (const line of held.splice(0)) tell(line)
    },
    document: (value) => void stdout.write(`${JSON.stringify(value, plainValue, 2)}\n`),
    tell,
    // A bar that stands in this line gives way.
    remark: (message) => !quiet && tell(`${stderr.isTTY && !json ? '\r\u001b[J' : ''}${logLine('info', message, json === true)}`),
    logger: {
      // Stacks come after the message that they explain.
      debug: (message) => {
        if (json && verbose) tell(logLine('debug', message, true))
        else if (verbose) held.push(logLine('debug', message, false))
      },
      warn: (message) => !quiet && tell(logLine('warn', message, json === true)),
    },
  }
}

function logLine(level: string, message: string, json: boolean): string {
  return json ? `${JSON.stringify({ type: 'log', level, message })}\n` : `${escapeLines(message)}\n`
}

/** 64-bit integers as text, because JSON's readers round them. */
function plainValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
