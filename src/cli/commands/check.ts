import type { ConnectionReport } from '../../app.ts'
import { formatAmount } from '../../core/count.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { escapeControls, escapeLines } from '../screen/escape.ts'
import type { Screen } from '../screen/screen.ts'
import { displayWidth, pad } from '../screen/width.ts'
import { openConfigured } from '../session.ts'

/** Validates the config, opens every connection and says what each can do. */
export async function check(flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  const connections = await syncline.check()
  const failed = connections.filter(({ ok }) => !ok)
  if (output.json) output.document({ syncs: syncline.syncs, connections })
  else
    output.print([
      ...checkLines(output.quiet ? failed : connections, output.screen),
      ...closing(syncline.syncs.length, connections, output),
    ])
  return failed.length > 0 ? exitCodes.failed : exitCodes.done
}

function checkLines(connections: readonly ConnectionReport[], { style }: Screen): readonly string[] {
  const names = Math.max(0, ...connections.map(({ connection }) => displayWidth(connection)))
  const types = Math.max(0, ...connections.map(({ type }) => displayWidth(type)))
  const margin = ' '.repeat(names + types + 8)
  return connections.flatMap(({ connection, type, ok, summary, hint }) => {
    const [first = '', ...more] = escapeLines(summary).split('\n')
    const head = `${pad(escapeControls(connection), names)}   ${ok ? style.good('✓') : style.bad('✗')} ${pad(escapeControls(type), types)}   ${first}`
    return [head, ...[...more, ...(hint === undefined ? [] : escapeLines(hint).split('\n'))].map((line) => margin + line)]
  })
}

function closing(syncs: number, connections: readonly ConnectionReport[], { quiet, screen }: Output): readonly string[] {
  if (quiet) return []
  const failed = connections.filter(({ ok }) => !ok).length
  const summary = `${formatAmount(syncs, 'sync')}, ${formatAmount(connections.length, 'connection')}: the config is valid`
  const space = connections.length > 0 ? [''] : []
  return [...space, failed === 0 ? summary : `${summary}, ${screen.style.bad(`${formatAmount(failed, 'connection')} cannot be opened`)}`]
}
