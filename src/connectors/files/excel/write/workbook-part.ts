import { malformed } from '../../file-errors.ts'
import { escapedAttribute } from './escape.ts'
import { appended, attributeOf, type Element, findElement, findElements, prefixOf, spliced, withAttribute } from './xml-edit.ts'

/** workbook.xml that has every formula calculated anew when it is opened: what they showed may be of rows that are gone. */
export function withFullCalculation(xml: string, file: string): string {
  const there = findElement(xml, 'calcPr')
  if (there) {
    const tag = withAttribute(there.tag, 'fullCalcOnLoad', '1')
    return spliced(xml, { from: there.from, to: there.from + there.tag.length }, tag)
  }
  const before = ['definedNames', 'externalReferences', 'functionGroups', 'sheets'].map((name) => findElement(xml, name)).find((one) => one)
  if (!before) throw noSheets(file)
  return spliced(xml, { from: before.to, to: before.to }, `<${prefixOf(before.tag)}calcPr fullCalcOnLoad="1"/>`)
}

/** workbook.xml with one more sheet behind the others. */
export function withSheet(xml: string, name: string, relationship: string, file: string): string {
  const sheets = findElement(xml, 'sheets')
  const all = sheets ? findElements(sheets.content, 'sheet') : []
  const last = all.at(-1)
  if (!sheets || !last) throw noSheets(file)
  const id = Math.max(...all.map(({ tag }) => Number(attributeOf(tag, 'sheetId') ?? 0))) + 1
  // Whatever prefix the book has for relationships.
  const [, prefix = 'r'] = /\s([\w.-]+):id\s*=/.exec(last.tag) ?? []
  const tag = `<${prefixOf(last.tag)}sheet name="${escapedAttribute(name)}" sheetId="${id}" ${prefix}:id="${relationship}"/>`
  return appended(xml, sheets, tag)
}

/** workbook.xml in which the filter of a sheet reaches as far as its rows. */
export function withFilteredRows(xml: string, sheet: number, header: number, lastRow: number): string {
  const names = findElement(xml, 'definedNames')
  const filter = names && findElements(names.content, 'definedName').find(({ tag }) => isFilterOf(tag, sheet))
  if (!names || !filter) return xml
  const content = filter.content.replace(/^(.*!\$[A-Z]+\$)(\d+)(:\$[A-Z]+\$)\d+$/s, (whole, before, first, between) =>
    Number(first) === header ? `${before}${first}${between}${Math.max(lastRow, header)}` : whole,
  )
  const from = names.from + names.tag.length + filter.from + filter.tag.length
  return spliced(xml, { from, to: from + filter.content.length }, content)
}

function isFilterOf(tag: string, sheet: number): boolean {
  return attributeOf(tag, 'name') === '_xlnm._FilterDatabase' && Number(attributeOf(tag, 'localSheetId') ?? -1) === sheet
}

/**
 * Relationships of a workbook with one more. Its type follows that of a sheet, because strict books have names of their own.
 * @param kind the last word of the type: `worksheet`, `styles`.
 */
export function withRelationship(xml: string, { id, kind, target }: NewRelationship, file: string): string {
  const all = findElement(xml, 'Relationships')
  const like = all && findElements(all.content, 'Relationship').find(({ tag }) => kindOf(tag) === 'worksheet')
  if (!all || !like) throw noSheets(file)
  const type = attributeOf(like.tag, 'Type')?.replace(/[^/]*$/, kind)
  const tag = `<${prefixOf(like.tag)}Relationship Id="${id}" Type="${type}" Target="${target}"/>`
  return appended(xml, all, tag)
}

export interface NewRelationship {
  readonly id: string
  readonly kind: string
  readonly target: string
}

/** Relationships without those that lead to a part of this kind. */
export function withoutRelationship(xml: string, kind: string): string {
  const found = findElements(xml, 'Relationship').find(({ tag }) => kindOf(tag) === kind)
  return found ? spliced(xml, found, '') : xml
}

/** An id that no relationship has. */
export function freeRelationship(xml: string): string {
  const taken = new Set(findElements(xml, 'Relationship').map(({ tag }) => attributeOf(tag, 'Id')))
  let number = taken.size + 1
  while (taken.has(`rId${number}`)) number++
  return `rId${number}`
}

/** [Content_Types].xml that knows of one more part. */
export function withType(xml: string, part: string, type: string, file: string): string {
  const types = findElement(xml, 'Types')
  if (!types) throw noSheets(file)
  return appended(xml, types, `<${prefixOf(types.tag)}Override PartName="/${part}" ContentType="${type}"/>`)
}

/** [Content_Types].xml that knows nothing of a part. */
export function withoutType(xml: string, part: string): string {
  const found = findElements(xml, 'Override').find(({ tag }) => attributeOf(tag, 'PartName')?.toLowerCase() === `/${part.toLowerCase()}`)
  return found ? spliced(xml, found, '') : xml
}

function kindOf(tag: Element['tag']): string | undefined {
  return attributeOf(tag, 'Type')?.split('/').at(-1)
}

function noSheets(file: string) {
  return malformed({ file }, 'expected a book with sheets: its parts do not say where they are', 'save the book again')
}
