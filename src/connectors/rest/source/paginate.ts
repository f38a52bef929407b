import type { Json, JsonObject } from './exact-json.ts'
import { isJsonNumber, scalarText } from './exact-json.ts'
import { linkOf } from './link-header.ts'
import { PageError } from './page-reader.ts'
import type { PaginateOptions } from './paginate-options.ts'
import type { ValuePath } from './value-path.ts'

/** Where a page stands in the row of pages: a number, a token or a url; `first` where the first page needs none. */
export type Position = { readonly first: true } | { readonly number: number } | { readonly text: string }

/** What a page says of itself and of the next one. */
export interface PageFacts {
  readonly rows: number
  /** By the names of {@link factPaths}. */
  readonly facts: Readonly<Record<string, Json>>
  readonly lastRow: JsonObject | undefined
  readonly headers: Headers
  /** Where the page came from. */
  readonly url: URL
}

/** Which values beside the rows have to be looked for. */
export function factPaths({ scheme, more, total }: PaginateOptions): Readonly<Record<string, ValuePath>> {
  const link = scheme.by === 'token' ? scheme.token : scheme.by === 'next' ? scheme.link : undefined
  return { ...(link ? { link } : {}), ...(more ? { more } : {}), ...(total ? { total } : {}) }
}

/** Whether the place of a page stays the same when rows come and go. Those of numbers shift, and a row might be missed between two runs. */
export function keepsPlaces({ scheme: { by } }: PaginateOptions): boolean {
  return by === 'token' || by === 'next' || by === 'last'
}

export function firstPosition({ scheme }: PaginateOptions): Position {
  return scheme.by === 'page' || scheme.by === 'offset' ? { number: scheme.start } : { first: true }
}

/** What a request for the page at `position` has besides what all of them have. */
export function requestAt({ scheme, size, sizeParam }: PaginateOptions, position: Position) {
  const sized: Readonly<Record<string, string>> = sizeParam === undefined ? {} : { [sizeParam]: String(size) }
  if (scheme.by === 'next' && 'text' in position) return { url: position.text, params: {} }
  const place = 'number' in position ? String(position.number) : 'text' in position ? position.text : undefined
  return { params: { ...sized, ...('param' in scheme && place !== undefined ? { [scheme.param]: place } : {}) } }
}

/** @returns `undefined` after the last page. */
export function nextPosition(options: PaginateOptions, position: Position, page: PageFacts): Position | undefined {
  const { scheme, stop, size, more } = options
  if (stop !== undefined && page.rows === 0) return undefined
  if (stop === 'short' && page.rows < (size ?? 0)) return undefined
  if (more && !saysMore(page.facts.more)) return undefined
  switch (scheme.by) {
    case 'nothing':
      return undefined
    case 'page':
      return { number: numberOf(position) + 1 }
    case 'offset':
      // By what came, not by what was asked for: a server may give less.
      return { number: numberOf(position) + page.rows }
    case 'last':
      return { text: lastOf(page.lastRow, scheme.field) }
    case 'token':
      return tokenOf(page.facts.link)
    case 'next':
      return linkTo(scheme.link ? page.facts.link : linkOf(page.headers, 'next'), page.url)
  }
}

/** @throws PageError where the page says no whole number. */
export function totalOf(page: PageFacts): number {
  const text = scalarText(page.facts.total)
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text)
  throw new PageError('expected the number of all rows, found none', { hint: 'check `paginate.total`' })
}

/** @throws PageError where the page does not say it: a page that says nothing is not the last one. */
function saysMore(value: Json | undefined): boolean {
  if (value === true || value === false) return value
  const word = value === undefined || value === null ? undefined : scalarText(value)?.toLowerCase()
  if (word === 'true' || word === '1') return true
  if (word === 'false' || word === '0') return false
  throw new PageError('expected true or false for whether there are more pages, found neither', { hint: 'check `paginate.more`' })
}

function numberOf(position: Position): number {
  return 'number' in position ? position.number : 0
}

function lastOf(row: JsonObject | undefined, field: string): string {
  const text = row && scalarText(row[field])
  if (text !== undefined && text !== '') return text
  throw new PageError(`expected a text or number in the field \`${field}\` of the last row, found none`, { hint: 'check `paginate.last`' })
}

function tokenOf(value: Json | undefined): Position | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined
  const text = typeof value === 'string' || isJsonNumber(value) ? scalarText(value) : undefined
  if (text !== undefined) return { text }
  throw new PageError('expected a text or number that leads to the next page, found another value', { hint: 'check `paginate.token`' })
}

function linkTo(value: Json | undefined, from: URL): Position | undefined {
  if (value === undefined || value === null || value === '' || value === false) return undefined
  const url = typeof value === 'string' ? URL.parse(value, from.href) : null
  if (url) return { text: url.href }
  throw new PageError('expected a url that leads to the next page, found none', { hint: 'check `paginate.next`' })
}
