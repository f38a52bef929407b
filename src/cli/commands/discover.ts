import type { Discovery } from '../../app.ts'
import { formatAmount } from '../../core/count.ts'
import type { Table } from '../../core/table.ts'
import { formatType } from '../../core/types.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import type { GlobalOptions } from '../options.ts'
import type { Output } from '../output.ts'
import { escapeControls } from '../screen/escape.ts'
import type { Screen } from '../screen/screen.ts'
import { table } from '../screen/table.ts'
import { openSession } from '../session.ts'

/** Lists the objects of a connection, or one object with its columns, types and key. */
export async function discover(connection: string, pattern: string | undefined, flags: GlobalOptions, output: Output): Promise<ExitCode> {
  await using syncline = await openSession(flags, output)
  const found = await syncline.discover(connection, pattern)
  if (output.json) output.document(found)
  else output.print(discoveryLines(found, output.screen))
  return exitCodes.done
}

function discoveryLines(found: Discovery, screen: Screen): readonly string[] {
  if ('table' in found) return tableLines(found.table, screen)
  return found.objects.length === 0 ? ['nothing was found'] : found.objects.map(escapeControls)
}

function tableLines({ ref, kind, columns, key, rows }: Table, { width, style }: Screen): readonly string[] {
  const size = rows === undefined ? '' : `, about ${formatAmount(rows, 'row')}`
  const cells = columns.map((column) => [
    escapeControls(column.name),
    column.untyped ? 'text (untyped)' : formatType(column.type),
    escapeControls(column.native?.name ?? ''),
    [
      key.includes(column.name) ? 'key' : '',
      column.nullable ? '' : 'not null',
      column.generated ? 'generated' : '',
      column.identity ? 'identity' : '',
    ]
      .filter((fact) => fact !== '')
      .join(', '),
  ])
  const titles = ['column', 'type', 'native type', ''].map((title) => ({ title }))
  const [head = '', ...body] = table(titles, cells, width)
  return [
    `${style.strong(escapeControls(ref.name))}   ${kind}, ${formatAmount(columns.length, 'column')}${size}`,
    '',
    style.faint(head),
    ...body,
    '',
    key.length > 0 ? `key: ${key.map(escapeControls).join(', ')}` : 'no key',
  ]
}
