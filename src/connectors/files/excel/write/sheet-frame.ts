import { type Area, parseArea } from '../sheet-area.ts'
import { formatArea } from './area-text.ts'
import { spreadsheet } from './new-book.ts'
import { attributeOf, findElement, findElements, prefixOf, spliced, withAttribute } from './xml-edit.ts'

/** What stands around the rows of a sheet. */
export interface Frame {
  readonly head: string
  readonly tail: string
}

/** A new sheet: widths of its columns, its first row frozen where that is a header. */
export function newFrame(widths: readonly number[], hasHeader: boolean): Frame {
  const pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft"/>'
  const views = hasHeader ? `<sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews>` : ''
  return {
    head: `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="${spreadsheet}">${views}${columnElements(widths, '')}`,
    tail: '</worksheet>',
  }
}

/** A sheet whose rows follow others: all that is around them stays but the extent, which is optional and would be wrong. */
export function extendedFrame({ head, tail }: Frame, end: Area): Frame {
  return { head: withoutExtent(head), tail: withFilter(tail, end, (content) => content) }
}

/**
 * A sheet whose rows are others. What belongs to single cells that are no longer there (links, merged cells) goes, the
 * conditions of a filter too, because the rows that it hid are all shown; everything else stays.
 */
export function replacedFrame({ head, tail }: Frame, end: Area, widths: readonly number[]): Frame {
  const below = (ref: string) => (parseArea(ref.split(/\s/)[0] ?? '', true)?.lastRow ?? 0) > end.firstRow
  const kept = [...singles].reduce((xml, [list, item]) => withoutItems(xml, list, item, below), tail)
  const bare = withoutExtent(head)
  const columns = findElement(bare, 'cols') ? '' : columnElements(widths, prefixOf(findElement(bare, 'worksheet')?.tag ?? ''))
  return { head: bare + columns, tail: withFilter(kept, end, () => '') }
}

/** Lists of what belongs to single cells. */
const singles: ReadonlyMap<string, string> = new Map([
  ['mergeCells', 'mergeCell'],
  ['hyperlinks', 'hyperlink'],
])

function columnElements(widths: readonly number[], prefix: string): string {
  if (widths.length === 0) return ''
  const columns = widths.map((width, index) => `<${prefix}col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`)
  return `<${prefix}cols>${columns.join('')}</${prefix}cols>`
}

function withoutExtent(head: string): string {
  const extent = findElement(head, 'dimension')
  return extent ? spliced(head, extent, '') : head
}

function withFilter(tail: string, end: Area, contentOf: (content: string) => string): string {
  const filter = findElement(tail, 'autoFilter')
  const area = filter && parseArea(attributeOf(filter.tag, 'ref') ?? '', true)
  if (!filter || !area || area.firstRow !== end.firstRow) return tail
  const tag = withAttribute(filter.tag, 'ref', formatArea({ ...area, lastRow: Math.max(area.firstRow, end.lastRow) }))
  const content = contentOf(filter.content)
  if (content === '') return spliced(tail, filter, tag.replace(/\s*\/?>$/, '/>'))
  return spliced(tail, filter, `${tag}${content}</${prefixOf(tag)}autoFilter>`)
}

function withoutItems(xml: string, list: string, item: string, goes: (ref: string) => boolean): string {
  const all = findElement(xml, list)
  if (!all) return xml
  const items = findElements(all.content, item)
  const kept = items.filter(({ tag }) => !goes(attributeOf(tag, 'ref') ?? ''))
  if (kept.length === items.length) return xml
  if (kept.length === 0) return spliced(xml, all, '')
  const tag = attributeOf(all.tag, 'count') === undefined ? all.tag : withAttribute(all.tag, 'count', String(kept.length))
  return spliced(xml, all, `${tag}${kept.map(({ from, to }) => all.content.slice(from, to)).join('')}</${prefixOf(tag)}${list}>`)
}
