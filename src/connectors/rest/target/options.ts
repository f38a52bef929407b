import type { TableRef } from '../../../core/table.ts'
import { Section } from '../section.ts'
import { parsePath, type ValuePath, wholeDocument } from '../source/value-path.ts'
import type { Numbers } from './cell.ts'
import { type BodyTemplate, namesIn, namesInBody, parseBatchBody, parseBody, parseText, type TextTemplate, wholeRow } from './template.ts'

/** How rows become requests, and how the API's answers are read. */
export interface TargetOptions {
  readonly resource: string
  readonly insert: ActionOptions
  readonly update: ActionOptions
  readonly delete: ActionOptions
  /** The header that takes an idempotency key. */
  readonly idempotency: string | undefined
  readonly nulls: 'keep' | 'omit'
  readonly numbers: Numbers
  /** How a row is looked at before it is updated or deleted; nobody looks where it is absent. */
  readonly before: BeforeOptions | undefined
  /** What the next run does with inserts of which nobody knows whether they were done. */
  readonly unanswered: 'reject' | 'send'
  /** Options of the resource as a source: the target is read back and compared. */
  readonly read: Readonly<Record<string, unknown>> | undefined
  /** Whether rows that this sync created may be deleted though the resource is not read. */
  readonly tracked: boolean
  /** Where the API's own id of a row stands, in the answer to an insert and in the rows that are read. */
  readonly id: ValuePath | undefined
}

export interface BeforeOptions {
  /** `etag`: the API itself refuses a change of a row that is another one by then (`If-Match`). `read`: it is read just before. */
  readonly by: 'etag' | 'read'
  /** Where one row is read; where it is changed, if absent. */
  readonly path: Pick<ActionOptions, 'path' | 'shown'> | undefined
  /** Where the row is in that answer. */
  readonly row: ValuePath
}

export interface ActionOptions {
  readonly method: string
  readonly path: TextTemplate
  /** As the config has it, for messages: the real path holds values. */
  readonly shown: string
  readonly params: Readonly<Record<string, TextTemplate>>
  readonly headers: Readonly<Record<string, TextTemplate>>
  /** Absent where nothing is sent but the path. */
  readonly body: BodyTemplate | undefined
  /** Every name that its templates ask for. */
  readonly names: readonly string[]
  readonly batch: BatchOptions | undefined
  /** What stands there in an answer of success says that the row was refused all the same. */
  readonly error: ValuePath | undefined
}

export interface BatchOptions {
  /** The most rows of one request. */
  readonly rows: number
  readonly body: (rows: readonly string[]) => string
  readonly results: ResultsOptions | undefined
}

/** Where the answer to a batch tells what became of each row. */
export interface ResultsOptions {
  /** The list. */
  readonly at: ValuePath
  /** The row's key within one result; results stand in the order of the rows where it is left out. */
  readonly key: ValuePath | undefined
  /** A status of HTTP within one result. */
  readonly status: ValuePath | undefined
  /** Present, and neither empty, false nor null, where the row was refused. */
  readonly error: ValuePath | undefined
}

const actions = ['insert', 'update', 'delete'] as const
const keys = [...actions, 'idempotency', 'nulls', 'numbers', 'unanswered', 'read', 'deletes', 'id', 'before']

/** Names of options that only a target has. */
export const targetKeys: readonly string[] = keys

/** @throws ConfigError naming the bad field. */
export function parseTargetOptions({ name, options = {} }: TableRef): TargetOptions {
  const section = new Section('a REST target', options, keys)
  const id = pathAt(section, 'id')
  const resource = name.replace(/[?#].*$/s, '')
  const row = `${resource.replace(/\/$/, '')}/${id === undefined ? '{$key}' : '{$id}'}`
  const read = section.get('read')
  if (read !== undefined && (typeof read !== 'object' || Array.isArray(read))) throw section.bad('read', 'a map, as under `from`')
  const deletes = section.oneOf('deletes', ['tracked'])
  if (deletes && read !== undefined)
    throw section.bad(
      'deletes',
      'nothing where `read` is given',
      'what is read back shows what is there; `tracked` is for what cannot be read',
    )
  const before = parseBefore(section)
  const [update, deletion] = [
    parseAction(section, 'update', { method: 'PATCH', path: row }),
    parseAction(section, 'delete', { method: 'DELETE', path: row }),
  ]
  if (before && (update.batch || deletion.batch))
    throw section.bad('before', 'nothing where updates or deletes are sent in batches: each row has to be asked for by itself')
  return {
    resource,
    before,
    insert: parseAction(section, 'insert', { method: 'POST', path: name }),
    update: withNames(update, before),
    delete: withNames(deletion, before),
    idempotency:
      section.section('idempotency', ['header'])?.headerText('header') ?? (section.has('idempotency') ? 'Idempotency-Key' : undefined),
    nulls: section.oneOf('nulls', ['keep', 'omit']) ?? 'keep',
    numbers: section.oneOf('numbers', ['exact', 'text']) ?? 'exact',
    unanswered: section.oneOf('unanswered', ['reject', 'send']) ?? 'reject',
    read: read === undefined ? undefined : { ...read },
    tracked: deletes === 'tracked',
    id,
  }
}

/** What a look at a row asks for is asked for by its change. */
function withNames(action: ActionOptions, before: BeforeOptions | undefined): ActionOptions {
  return { ...action, names: [...action.names, ...namesIn(before?.path?.path ?? [])] }
}

/** A word alone says how. */
function parseBefore(parent: Section): BeforeOptions | undefined {
  if (!parent.has('before')) return undefined
  const alone = typeof parent.get('before') === 'string'
  const section = alone ? undefined : parent.section('before', ['by', 'path', 'row'])
  const by = alone ? parent.oneOf('before', ['etag', 'read']) : section?.oneOf('by', ['etag', 'read'])
  if (by === undefined) throw parent.bad('before.by', 'etag or read')
  const shown = section?.text('path')
  const path = shown === undefined ? undefined : { path: parseText(shown), shown }
  return { by, path, row: (section && pathAt(section, 'row')) ?? wholeDocument }
}

function parseAction(
  parent: Section,
  name: (typeof actions)[number],
  usual: { readonly method: string; readonly path: string },
): ActionOptions {
  const section = parent.section(name, ['method', 'path', 'params', 'headers', 'body', 'batch', 'error'])
  const method = (section?.text('method') ?? usual.method).toUpperCase()
  if (!/^[A-Z]{1,20}$/.test(method) || method === 'GET' || method === 'HEAD')
    throw parent.bad(`${name}.method`, 'a method that changes something, such as POST')
  const body = section?.get('body')
  const shown = section?.text('path') ?? usual.path
  const path = parseText(shown)
  const params = templates(section?.texts('params') ?? {})
  const headers = templates(section?.headers('headers') ?? {})
  return {
    method,
    path,
    shown,
    params,
    headers,
    names: [...[path, ...Object.values(params), ...Object.values(headers)].flatMap(namesIn), ...namesInBody(body)],
    body: body === undefined ? (method === 'DELETE' ? undefined : wholeRow) : parseBody(body),
    batch: section ? parseBatch(section) : undefined,
    error: section ? pathAt(section, 'error') : undefined,
  }
}

function parseBatch(parent: Section): BatchOptions | undefined {
  const alone = typeof parent.get('batch') === 'number'
  const section = alone ? undefined : parent.section('batch', ['rows', 'body', 'results'])
  if (!alone && !section) return undefined
  const rows = alone ? parent.whole('batch', 1, 10_000) : section?.whole('rows', 1, 10_000)
  const body = section?.get('body') ?? '$rows'
  if (!JSON.stringify(body).includes('"$rows"')) throw (section ?? parent).bad('body', 'a `$rows`, where the rows go')
  return { rows: rows ?? 100, body: parseBatchBody(body), results: section ? parseResults(section) : undefined }
}

function parseResults(parent: Section): ResultsOptions | undefined {
  const section = parent.section('results', ['at', 'key', 'status', 'error'])
  if (!section) return undefined
  return {
    at: pathAt(section, 'at') ?? wholeDocument,
    key: pathAt(section, 'key'),
    status: pathAt(section, 'status'),
    error: pathAt(section, 'error'),
  }
}

function pathAt(section: Section, key: string): ValuePath | undefined {
  const text = section.text(key)
  if (text === undefined) return undefined
  const path = parsePath([section.path, key].filter((part) => part !== '').join('.'), text)
  if (path.steps.some(({ kind }) => kind === 'each')) throw section.bad(key, 'one place in the answer, such as $.data.id')
  return path
}

function templates(texts: Readonly<Record<string, string>>): Readonly<Record<string, TextTemplate>> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parseText(text)]))
}
