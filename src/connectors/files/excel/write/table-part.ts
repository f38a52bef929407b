import { RunError } from '../../../../core/errors.ts'
import { type Area, parseArea } from '../sheet-area.ts'
import { withoutEscapes } from '../xml-text.ts'
import { formatArea } from './area-text.ts'
import { unescapedAttribute } from './escape.ts'
import { attributeOf, type Element, findElement, findElements, spliced, withAttribute } from './xml-edit.ts'

/** Columns of a table as they are written: by the number of the sheet's column, counted from 1. */
export interface Header {
  /** The book, for messages. */
  readonly file: string
  /** `undefined` where no row holds the names. */
  readonly row: number | undefined
  readonly names: ReadonlyMap<number, string>
}

/**
 * A table of Excel (a list object) that grows or shrinks with the rows of its sheet.
 * @returns `undefined` where it lies above them.
 * @throws RunError where the new rows are not those of the table.
 */
export function fittedTable(xml: string, lastRow: number, header: Header): string | undefined {
  const table = findElement(xml, 'table')
  const area = parseArea(attributeOf(table?.tag ?? '', 'ref') ?? '', true)
  const name = unescapedAttribute(attributeOf(table?.tag ?? '', 'displayName') ?? attributeOf(table?.tag ?? '', 'name') ?? '')
  if (!table || !area) throw unfit(header, name, 'where it lies cannot be told')
  if (area.lastRow < (header.row ?? 1)) return undefined
  const reason = whyUnfit(table.tag, columnNames(table.content), area, header)
  if (reason !== undefined) throw unfit(header, name, reason)
  // A table has at least one row besides its header.
  const ref = formatArea({ ...area, lastRow: Math.max(lastRow, area.firstRow + 1) })
  const filter = findElement(xml, 'autoFilter')
  const filtered = filter ? withReference(xml, filter, ref) : xml
  return withReference(filtered, table, ref)
}

function withReference(xml: string, { from, tag }: Element, ref: string): string {
  return spliced(xml, { from, to: from + tag.length }, withAttribute(tag, 'ref', ref))
}

function columnNames(content: string): readonly string[] {
  const columns = findElement(content, 'tableColumns')?.content ?? ''
  return findElements(columns, 'tableColumn').map(({ tag }) => withoutEscapes(unescapedAttribute(attributeOf(tag, 'name') ?? '')))
}

function whyUnfit(tag: string, names: readonly string[], area: Area, { row, names: written }: Header): string | undefined {
  if (Number(attributeOf(tag, 'headerRowCount') ?? 1) !== 1 || area.firstRow !== row)
    return 'its header is not the row that holds the names'
  if (Number(attributeOf(tag, 'totalsRowCount') ?? 0) > 0) return 'it ends in a row of totals'
  const different = names.find((name, index) => written.get(area.firstColumn + index) !== name)
  return different === undefined ? undefined : `its column \`${different}\` would not be where it is`
}

function unfit({ file }: Header, table: string, reason: string): RunError {
  return new RunError({
    code: 'TABLE_IN_THE_WAY',
    message: `the sheet of ${file} holds the table \`${table}\`, which cannot take these rows: ${reason}`,
    hint: 'in Excel, turn the table into a range (Table Design, Convert to Range), or name another sheet',
  })
}
