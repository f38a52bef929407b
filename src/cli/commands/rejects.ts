import type { KeptReject } from '../../app.ts'
import { formatAmount } from '../../core/count.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { formatCell } from '../screen/cell.ts'
import { escapeControls } from '../screen/escape.ts'
import { reasonText } from '../screen/reason.ts'
import type { Screen } from '../screen/screen.ts'
import { truncate } from '../screen/width.ts'
import { openSession } from '../session.ts'

export interface RejectsFlags extends GlobalOptions {
  readonly run?: string
  readonly limit: number
}

/** Lists the rows that were set aside, with their reasons. */
export async function rejects(sync: string | undefined, { run, limit, ...flags }: RejectsFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const found = await syncline.rejects({ limit, ...(sync === undefined ? {} : { sync }), ...(run === undefined ? {} : { run }) })
  if (output.json) output.document({ rejects: found })
  else output.print(found.length === 0 ? ['no rejects'] : rejectLines(found, output.screen))
  return exitCodes.done
}

export function rejectLines(found: readonly KeptReject[], screen: Screen): readonly string[] {
  const byRun = Map.groupBy(found, ({ sync, run }) => `${sync}\0${run}`)
  return [...byRun.values()].flatMap((group, i) => [...(i === 0 ? [] : ['']), ...groupLines(group, screen)])
}

/** One run's rejects, those of one reason below each other. */
function groupLines(group: readonly KeptReject[], { width, style }: Screen): readonly string[] {
  const [first] = group
  const byReason = Map.groupBy(group, reasonText)
  return [
    `${style.strong(escapeControls(first?.sync ?? ''))}   ${formatAmount(group.length, 'reject')} of run ${first?.run ?? ''}`,
    ...[...byReason].flatMap(([reason, rows]) => [
      `  ${style.warn(escapeControls(reason))}`,
      ...rows.flatMap((reject) => rejectLine(reject, { width, style })),
    ]),
  ]
}

/** The row, and below it what the target said of it. */
function rejectLine({ row, answer }: KeptReject, { width, style }: Pick<Screen, 'width' | 'style'>): readonly string[] {
  const said = answer === undefined ? [] : [style.faint(truncate(`      ${escapeControls(answer)}`, width))]
  return [truncate(`    ${rowText(row, width)}`, width), ...said]
}

/** On a terminal the line is cut, elsewhere each cell: `--json` gives them whole. */
function rowText(row: KeptReject['row'], width: number): string {
  const longest = Number.isFinite(width) ? width : 60
  return Object.entries(row)
    .map(([name, cell]) => `${escapeControls(name)}=${truncate(formatCell(cell), longest)}`)
    .join('  ')
}
