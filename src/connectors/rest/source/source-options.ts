import { parseType, type Type } from '../../../core/types.ts'
import { Section } from '../section.ts'
import { type CursorFormat, cursorFormats } from './cursor-param.ts'
import { type PageFormat, pageFormats } from './page-format.ts'
import { type PaginateOptions, paginateKeys, parsePaginate, unpaginated } from './paginate-options.ts'
import { parsePath, type ValuePath, wholeDocument } from './value-path.ts'

/** A request for rows, and where they are in the answers. */
export interface PagesOptions {
  /** May hold `{field}` of a parent's row. */
  readonly resource: string
  readonly method: string
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  /** Of a map, as JSON; of a text, as it is. */
  readonly body: string | Readonly<Record<string, unknown>> | undefined
  readonly rows: ValuePath
  /** By the content type where it is absent. */
  readonly format: PageFormat | undefined
  readonly delimiter: string | undefined
  readonly encoding: string | undefined
  readonly paginate: PaginateOptions
}

export interface ParentOptions extends PagesOptions {
  /** Columns of the child by field of the parent. */
  readonly carry: Readonly<Record<string, string>>
}

/** An array within a row, whose elements become the rows. */
export interface SplitOptions {
  readonly at: ValuePath
  readonly carry: Readonly<Record<string, string>>
  /** The column that counts the elements, from 1. */
  readonly position: string
}

/** What is read of an API, as the long form of `from` gives it. */
export interface SourceOptions extends PagesOptions {
  readonly parent: ParentOptions | undefined
  readonly split: SplitOptions | undefined
  /** Stands between the names of nested objects, which become columns; nothing is flattened where it is absent. */
  readonly flatten: string | undefined
  readonly cursor: { readonly param: string; readonly format: CursorFormat } | undefined
  readonly columns: Readonly<Record<string, Type>>
  /** Milliseconds for which pages of a run that failed are good; 0 where they never are. */
  readonly resume: number | undefined
}

const pageKeys = ['method', 'params', 'headers', 'body', 'rows', 'format', 'delimiter', 'encoding', 'paginate']
const keys = [...pageKeys, 'parent', 'split', 'flatten', 'cursor_param', 'cursor_format', 'columns', 'resume']

/** @throws ConfigError naming the bad field, with the nearest known one. */
export function parseSourceOptions(resource: string, given: Readonly<Record<string, unknown>> = {}): SourceOptions {
  const section = new Section(`the resource \`${resource.split('?', 1)[0]}\``, given, keys)
  const parent = parseParent(section)
  refuseUnfilled(section, resource, parent !== undefined)
  const cursorParam = section.text('cursor_param')
  const format = section.oneOf('cursor_format', cursorFormats)
  if (format !== undefined && cursorParam === undefined) throw section.bad('cursor_param', 'the parameter that `cursor_format` is for')
  return {
    ...parsePages(section, resource),
    parent,
    split: parseSplit(section.section('split', ['at', 'carry', 'position'])),
    flatten: section.get('flatten') === true ? '_' : section.get('flatten') === false ? undefined : section.text('flatten'),
    cursor: cursorParam === undefined ? undefined : { param: cursorParam, format: format ?? 'iso' },
    columns: Object.fromEntries(Object.entries(section.texts('columns')).map(([name, type]) => [name, parseType(type)])),
    resume: section.get('resume') === 'off' || section.get('resume') === false ? 0 : section.duration('resume'),
  }
}

function parsePages(section: Section, resource: string): PagesOptions {
  const method = (section.text('method') ?? 'GET').toUpperCase()
  if (!/^(GET|POST|PUT)$/.test(method)) throw section.bad('method', 'GET, or POST where a search is one')
  const body = section.get('body')
  if (body !== undefined && typeof body !== 'string' && !isMap(body)) throw section.bad('body', 'a text, or a map that is sent as JSON')
  if (body !== undefined && method === 'GET') throw section.bad('method', 'POST where a `body` is sent')
  const paginate = section.section('paginate', paginateKeys)
  const pages = paginate ? parsePaginate(paginate) : unpaginated
  if (pages.in === 'body' && !isMap(body ?? {})) throw section.bad('body', 'a map, into which the parameters of pages go')
  if (pages.in === 'body' && method === 'GET') throw section.bad('method', 'POST where parameters go into the body')
  return {
    resource,
    method,
    params: section.texts('params'),
    headers: section.headers('headers'),
    body,
    rows: section.has('rows') ? parsePath('rows', section.get('rows')) : wholeDocument,
    format: section.oneOf('format', pageFormats),
    delimiter: parseDelimiter(section),
    encoding: section.text('encoding'),
    paginate: pages,
  }
}

function parseDelimiter(section: Section): string | undefined {
  const given = section.text('delimiter')
  const delimiter = given === '\\t' || given === 'tab' ? '\t' : given
  if (delimiter === undefined || /^[^"\r\n]$/.test(delimiter)) return delimiter
  throw section.bad('delimiter', 'one character')
}

function parseParent(section: Section): ParentOptions | undefined {
  const parent = section.section('parent', ['resource', 'carry', ...pageKeys])
  if (!parent) return undefined
  const resource = parent.needed('resource')
  refuseUnfilled(parent, resource, false)
  return { ...parsePages(parent, resource), carry: parent.texts('carry') }
}

function parseSplit(split: Section | undefined): SplitOptions | undefined {
  if (!split) return undefined
  const at = parsePath('split.at', split.get('at'))
  if (at.steps.length === 0) throw split.bad('at', 'a path to an array within a row, such as $.lines')
  return { at, carry: split.texts('carry'), position: split.text('position') ?? 'position' }
}

/** `{id}` is filled by rows of a parent, and by nothing else. */
function refuseUnfilled(section: Section, resource: string, hasParent: boolean): void {
  const fields = fieldsOf(resource)
  if (hasParent && fields.length === 0)
    throw section.bad('parent', 'nothing, where the resource has no place such as {id} for a field of it')
  if (!hasParent && fields.length > 0)
    throw section.bad('parent', `the resource whose rows give \`{${fields[0]}}\``, 'parent: { resource: /orders, rows: $.items }')
}

/** The fields of a parent's row that a resource has places for. */
export function fieldsOf(resource: string): readonly string[] {
  return [...resource.matchAll(/\{([^{}]+)\}/g)].map(([, field]) => field ?? '')
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
