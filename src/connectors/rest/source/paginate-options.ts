import type { Section } from '../section.ts'
import { parseSinglePath, type ValuePath } from './value-path.ts'

/** How one page leads to the next. */
export type PageScheme =
  | { readonly by: 'nothing' }
  /** A number that grows by one. */
  | { readonly by: 'page'; readonly param: string; readonly start: number }
  /** The number of rows before the page. */
  | { readonly by: 'offset'; readonly param: string; readonly start: number }
  /** A text on the page. */
  | { readonly by: 'token'; readonly param: string; readonly token: ValuePath }
  /** A field of the last row of the page. */
  | { readonly by: 'last'; readonly param: string; readonly field: string }
  /** A url on the page, or in the `Link` header (RFC 8288) where there is no path. */
  | { readonly by: 'next'; readonly link: ValuePath | undefined }

export interface PaginateOptions {
  readonly scheme: PageScheme
  /** How many rows a page has when it is full, and the parameter that asks for so many. */
  readonly size: number | undefined
  readonly sizeParam: string | undefined
  /** Where the parameters go. */
  readonly in: 'query' | 'body'
  /** Which page is the last, besides one that leads to no other: one without rows, or one with fewer than `size`. */
  readonly stop: 'empty' | 'short' | undefined
  /** Says `false` on the last page. */
  readonly more: ValuePath | undefined
  /** How many rows there are on all pages. */
  readonly total: ValuePath | undefined
  readonly mostPages: number
}

export const paginateKeys = [
  'page',
  'offset',
  'token',
  'last',
  'next',
  'param',
  'start',
  'size',
  'limit',
  'in',
  'stop',
  'more',
  'total',
  'max_pages',
]

export const unpaginated: PaginateOptions = {
  scheme: { by: 'nothing' },
  size: undefined,
  sizeParam: undefined,
  in: 'query',
  stop: undefined,
  more: undefined,
  total: undefined,
  mostPages: 1,
}

/** @throws ConfigError naming the bad field. */
export function parsePaginate(section: Section): PaginateOptions {
  const scheme = parseScheme(section)
  const positional = scheme.by === 'page' || scheme.by === 'offset'
  const stop = section.oneOf('stop', ['empty', 'short'])
  const size = section.whole('size', 1, 1_000_000)
  const sizeParam = section.text('limit')
  if (stop === 'short' && size === undefined) throw section.bad('size', 'the number of rows of a full page, which `stop: short` needs')
  const params = [sizeParam, 'param' in scheme ? scheme.param : undefined].filter((param) => param?.startsWith('$'))
  for (const param of params) {
    if (section.get('in') !== 'body') throw section.bad('in', 'body, for a parameter that is a place in it')
    parseSinglePath('paginate.param', param)
  }
  if (sizeParam !== undefined && size === undefined) throw section.bad('size', 'the number that `limit` is to send')
  return {
    scheme,
    size,
    sizeParam,
    in: section.oneOf('in', ['query', 'body']) ?? 'query',
    stop: stop ?? (positional || scheme.by === 'last' ? 'empty' : undefined),
    more: pathAt(section, 'more'),
    total: pathAt(section, 'total'),
    mostPages: section.whole('max_pages', 1, 10_000_000) ?? 10_000,
  }
}

const schemes = ['page', 'offset', 'token', 'last', 'next'] as const

function parseScheme(section: Section): PageScheme {
  const [by, other] = schemes.filter((one) => section.has(one))
  if (by === undefined || other !== undefined) throw section.bad('', `one of ${schemes.join(', ')}`)
  const takesParam = by === 'token' || by === 'last'
  if (!takesParam && section.has('param')) throw section.bad('param', `nothing: \`${by}\` names its parameter itself, or needs none`)
  if (by === 'page' || by === 'offset')
    return { by, param: section.needed(by), start: section.whole('start', 0, 1e9) ?? (by === 'page' ? 1 : 0) }
  if (section.has('start')) throw section.bad('start', `nothing: \`${by}\` begins without it`)
  if (by === 'token') return { by, param: section.needed('param'), token: parseSinglePath('paginate.token', section.get('token')) }
  if (by === 'last') return { by, param: section.needed('param'), field: section.needed('last') }
  return { by, link: section.get('next') === 'link' ? undefined : parseSinglePath('paginate.next', section.get('next')) }
}

function pathAt(section: Section, key: string): ValuePath | undefined {
  return section.has(key) ? parseSinglePath(`paginate.${key}`, section.get(key)) : undefined
}
