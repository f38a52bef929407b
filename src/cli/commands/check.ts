import type { CheckReport, ConnectionReport, SyncReport } from '../../app.ts'
import { formatAmount } from '../../core/count.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { escapeControls, escapeLines } from '../screen/escape.ts'
import type { Screen } from '../screen/screen.ts'
import { displayWidth, pad } from '../screen/width.ts'
import { openConfigured } from '../session.ts'

/** Validates the config, opens every connection, looks at both ends of every sync and says what was found. */
export async function check(flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  const report = await syncline.check()
  if (output.json) output.document(report)
  else output.print(checkLines(report, output))
  return [...report.connections, ...report.syncs].every(({ ok }) => ok) ? exitCodes.done : exitCodes.failed
}

function checkLines({ connections, syncs }: CheckReport, { quiet, screen }: Output): readonly string[] {
  const wanted = ({ ok }: { readonly ok: boolean }) => !ok || !quiet
  const parts = [connectionLines(connections.filter(wanted), screen), syncLines(syncs.filter(wanted), screen)]
  const lines = parts.filter((part) => part.length > 0).flatMap((part) => [...part, ''])
  return quiet ? lines.slice(0, -1) : [...lines, closing(connections, syncs, screen)]
}

function connectionLines(connections: readonly ConnectionReport[], { style }: Screen): readonly string[] {
  const names = widest(connections.map(({ connection }) => connection))
  const types = widest(connections.map(({ type }) => type))
  return connections.flatMap(({ connection, type, ok, summary, hint }) => {
    const head = `${pad(escapeControls(connection), names)}   ${mark(ok, style)} ${pad(escapeControls(type), types)}   `
    return hanging(head, names + types + 8, summary, hint)
  })
}

function syncLines(syncs: readonly SyncReport[], { style }: Screen): readonly string[] {
  const names = widest(syncs.map(({ sync }) => sync))
  return syncs.flatMap(({ sync, ok, summary, hint }) =>
    hanging(`${pad(escapeControls(sync), names)}   ${mark(ok, style)} `, names + 5, summary, hint),
  )
}

/** What was found beside its name, further lines below their first. */
function hanging(head: string, margin: number, summary: string, hint: string | undefined): readonly string[] {
  const [first = '', ...more] = escapeLines(summary).split('\n')
  const rest = [...more, ...(hint === undefined ? [] : escapeLines(hint).split('\n'))]
  return [head + first, ...rest.map((line) => ' '.repeat(margin) + line)]
}

function closing(connections: readonly ConnectionReport[], syncs: readonly SyncReport[], { style }: Screen): string {
  const shut = connections.filter(({ ok }) => !ok).length
  const stuck = syncs.filter(({ ok }) => !ok).length
  const faults = [
    ...(shut === 0 ? [] : [`${formatAmount(shut, 'connection')} cannot be opened`]),
    ...(stuck === 0 ? [] : [`${formatAmount(stuck, 'sync')} cannot run`]),
  ]
  const summary = `${formatAmount(syncs.length, 'sync')}, ${formatAmount(connections.length, 'connection')}: the config is valid`
  return faults.length === 0 ? summary : `${summary}, ${style.bad(`${faults.join(' and ')}`)}`
}

function mark(ok: boolean, style: Screen['style']): string {
  return ok ? style.good('✓') : style.bad('✗')
}

function widest(names: readonly string[]): number {
  return Math.max(0, ...names.map(displayWidth))
}
