import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import { jsonOf, type Numbers, textOf } from './cell.ts'
import { type ChangedRow, UnsendableRow } from './row.ts'

/** A text with cells in it: `/contacts/{id}`. `{$id}` is the id that the API assigned, `{$key}` the one key column. */
export type TextTemplate = readonly (string | { readonly cell: string })[]

export function parseText(text: string): TextTemplate {
  const parts: (string | { readonly cell: string })[] = []
  let rest = 0
  for (const { 0: whole, 1: cell = '', index } of text.matchAll(/\{([^{}"\s][^{}"]*)\}/g)) {
    if (index > rest) parts.push(text.slice(rest, index))
    parts.push({ cell })
    rest = index + whole.length
  }
  if (rest < text.length) parts.push(text.slice(rest))
  return parts
}

/** @throws UnsendableRow where a cell would lead somewhere else: empty, NULL, `.` or `..`. */
export function pathOf(template: TextTemplate, row: ChangedRow): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part
      const text = needed(part.cell, row)
      if (text === '' || text === '.' || text === '..')
        throw new UnsendableRow(part.cell, `${JSON.stringify(text)} cannot be part of a path`)
      return encodeURIComponent(text)
    })
    .join('')
}

/** @throws UnsendableRow where a cell cannot stand in a header of HTTP. */
export function headerOf(template: TextTemplate, row: ChangedRow): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part
      const text = needed(part.cell, row)
      if (!/^[\x20-\x7e]*$/.test(text)) throw new UnsendableRow(part.cell, 'a header of HTTP takes visible ASCII characters alone')
      return text
    })
    .join('')
}

export function paramOf(template: TextTemplate, row: ChangedRow): string {
  return template.map((part) => (typeof part === 'string' ? part : needed(part.cell, row))).join('')
}

/** @throws UnsendableRow where it is NULL. */
function needed(name: string, row: ChangedRow): string {
  if (name === '$id') {
    if (row.id !== undefined) return row.id
    throw new UnsendableRow(name, 'the id that the API gave this row is not known')
  }
  const { value, column } = cellOf(name, row)
  if (value === null) throw new UnsendableRow(column.name, 'NULL cannot be part of a path or a header')
  return textOf(value, column)
}

function cellOf(asked: string, { columns, cells, keyColumns }: ChangedRow): { readonly value: Value; readonly column: Column } {
  const name = asked === '$key' ? (keyColumns[0] ?? asked) : asked
  const index = columns.findIndex((column) => column.name === name)
  const column = columns[index]
  if (!column) throw new UnsendableRow(name, 'there is no such column')
  return { value: cells[index] ?? null, column }
}

/** Every name that a template asks for. */
export function namesIn(template: TextTemplate): readonly string[] {
  return template.flatMap((part) => (typeof part === 'string' ? [] : [part.cell]))
}

/** Every name that a body asks for. */
export function namesInBody(input: unknown): readonly string[] {
  if (typeof input === 'string') return namesIn(parseText(input))
  if (typeof input !== 'object' || input === null) return []
  return Object.entries(input).flatMap(([name, value]) => {
    if (name === '$row') return Array.isArray(value) ? value.map(String) : []
    return namesInBody(value)
  })
}

export interface BodyStyle {
  readonly numbers: Numbers
  /** Whether members that are NULL are left out. */
  readonly omitsNulls: boolean
}

/** Makes the JSON of a row; `undefined` for one that is NULL and left out. */
export type BodyTemplate = (row: ChangedRow, style: BodyStyle) => string | undefined

/**
 * A body as the config has it: `{ contact: { $row: } }` puts every column there, `{ $row: [name, email], kind: person }` some and
 * more beside them; a text that is nothing but `{column}` becomes that cell, cells within a longer text become text.
 */
export function parseBody(input: unknown): BodyTemplate {
  if (typeof input === 'string') return parseLeaf(input)
  if (Array.isArray(input)) {
    const items = input.map(parseBody)
    return (row, style) => `[${items.map((item) => item(row, style) ?? 'null').join(',')}]`
  }
  if (typeof input === 'object' && input !== null) return parseObject(input)
  return () => JSON.stringify(input ?? null)
}

export const wholeRow: BodyTemplate = parseBody({ $row: null })

function parseLeaf(text: string): BodyTemplate {
  const template = parseText(text)
  const [only] = template
  if (template.length === 1 && typeof only === 'object' && only.cell !== '$id') {
    return (row, style) => {
      const { value, column } = cellOf(only.cell, row)
      return value === null && style.omitsNulls ? undefined : jsonOf(value, column, style.numbers)
    }
  }
  return (row) => JSON.stringify(paramOf(template, row))
}

function parseObject(input: object): BodyTemplate {
  const members = Object.entries(input).map(([name, value]): ((row: ChangedRow, style: BodyStyle) => string) => {
    if (name === '$row') return (row, style) => rowMembers(row, style, Array.isArray(value) ? value.map(String) : undefined)
    const template = parseBody(value)
    return (row, style) => member(name, template(row, style))
  })
  return (row, style) =>
    `{${members
      .map((one) => one(row, style))
      .filter((text) => text !== '')
      .join(',')}}`
}

function rowMembers(row: ChangedRow, { numbers, omitsNulls }: BodyStyle, picked: readonly string[] | undefined): string {
  const names = picked ?? row.columns.map(({ name }) => name)
  return names
    .map((name) => {
      const { value, column } = cellOf(name, row)
      return value === null && omitsNulls ? '' : member(name, jsonOf(value, column, numbers))
    })
    .filter((text) => text !== '')
    .join(',')
}

function member(name: string, json: string | undefined): string {
  return json === undefined ? '' : `${JSON.stringify(name)}:${json}`
}

/** Puts the rows of a batch where the config has `$rows`: as its only text, or as the value of a member. */
export function parseBatchBody(input: unknown): (rows: readonly string[]) => string {
  const write = (part: unknown, rows: string): string => {
    if (part === '$rows') return rows
    if (Array.isArray(part)) return `[${part.map((one) => write(one, rows)).join(',')}]`
    if (typeof part !== 'object' || part === null) return JSON.stringify(part ?? null)
    return `{${Object.entries(part)
      .map(([name, value]) => `${JSON.stringify(name)}:${write(value, rows)}`)
      .join(',')}}`
  }
  return (rows) => write(input, `[${rows.join(',')}]`)
}
