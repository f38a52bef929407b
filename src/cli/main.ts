import { CommanderError } from 'commander'
import { ConfigError, toSynclineError } from '../core/errors.ts'
import { type ExitCode, exitCodes } from './exit-code.ts'
import { createProgram } from './program.ts'
import { escapeLines } from './screen/escape.ts'
import { screenOf } from './screen/screen.ts'

/**
 * Runs one command line.
 * @param argv as `process.argv` is: the arguments begin at its third place.
 * @returns the exit code; nothing is thrown.
 */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  quietenReaders()
  quietenWarnings()
  const json = argv.includes('--json')
  let code: ExitCode = exitCodes.done
  try {
    await createProgram((result) => {
      code = result
    }, json).parseAsync(argv)
    return code
  } catch (thrown) {
    if (thrown instanceof CommanderError) return sayUsage(thrown, json)
    return sayError(thrown, json, argv.includes('--verbose'))
  }
}

/** commander has said already what is wrong, but for `--json`. */
function sayUsage({ exitCode, code, message }: CommanderError, json: boolean): ExitCode {
  if (exitCode === 0) return exitCodes.done
  if (json)
    writeDocument({
      code: code
        .replace(/^commander\./, '')
        .replaceAll(/(?=[A-Z])/g, '_')
        .toUpperCase(),
      message,
    })
  return exitCodes.usage
}

function sayError(thrown: unknown, json: boolean, verbose: boolean): ExitCode {
  const error = toSynclineError(thrown)
  const { code, message, hint } = error
  if (json) writeDocument({ code, message, ...(hint === undefined ? {} : { hint }) })
  else process.stderr.write(code === 'CANCELLED' ? `${escapeLines(message)}\n` : errorText(message, hint))
  if (verbose && !(error instanceof ConfigError)) process.stderr.write(`${escapeLines(error.stack ?? '')}\n`)
  if (error instanceof ConfigError) return exitCodes.usage
  return code === 'CANCELLED' ? exitCodes.cancelled : exitCodes.failed
}

function errorText(message: string, hint: string | undefined): string {
  const { style } = screenOf(process.stderr, !process.argv.includes('--no-color'))
  const lines = [
    `${style.bad('error:')} ${escapeLines(message)}`,
    ...(hint === undefined ? [] : [`  ${escapeLines(hint).replaceAll('\n', '\n  ')}`]),
  ]
  return `${lines.join('\n')}\n`
}

function writeDocument(error: { readonly code: string; readonly message: string; readonly hint?: string }): void {
  process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`)
}

/** A reader such as `head` that has seen enough closes the pipe: no reason to complain. */
function quietenReaders(): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(exitCodes.done)
  })
}

/** How Node reads a config's module is said by Syncline where it fails, and no news at every run where it does not. */
function quietenWarnings(): void {
  const printers = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning: NodeJS.ErrnoException) => {
    if (warning.code !== 'MODULE_TYPELESS_PACKAGE_JSON' && !warning.message.startsWith('Failed to load the ES module'))
      for (const print of printers) print.call(process, warning)
  })
}
