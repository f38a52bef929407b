import type { Preview } from '../../app.ts'
import { formatAmount } from '../../core/count.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { formatCell } from '../screen/cell.ts'
import { escapeControls } from '../screen/escape.ts'
import type { Screen } from '../screen/screen.ts'
import { table } from '../screen/table.ts'
import { openConfigured } from '../session.ts'

export interface PreviewFlags extends GlobalOptions {
  readonly limit: number
}

/** Shows rows as the target would receive them. */
export async function preview(sync: string, flags: PreviewFlags, output: Output): Promise<ExitCode> {
  await using syncline = await openConfigured(flags, output)
  const found = await syncline.preview(sync, flags.limit)
  if (output.json) output.document(found)
  else output.print(previewLines(found, output.screen))
  return found.rejected > 0 ? exitCodes.rejects : exitCodes.done
}

function previewLines({ columns, rows, rejected }: Preview, { width, style }: Screen): readonly string[] {
  const rejects = rejected > 0 ? [style.warn(`${formatAmount(rejected, 'row')} cannot be delivered`)] : []
  if (rows.length === 0) return ['no rows', ...rejects]
  const heads = columns.map(({ name, type }) => ({ title: escapeControls(name), ...(isNumber(type) ? { align: 'right' as const } : {}) }))
  const [head = '', ...body] = table(heads, [columns.map(({ type }) => type), ...rows.map((row) => row.map(formatCell))], width)
  const [types = '', ...cells] = body
  return [style.strong(head), style.faint(types), ...cells, ...rejects]
}

function isNumber(type: string): boolean {
  return /^(u?(tiny|small|big)?int|uinteger|integer|decimal|real|double)/.test(type)
}
