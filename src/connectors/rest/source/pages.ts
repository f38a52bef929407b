import { RetryableError } from '../../../core/errors.ts'
import type { RestClient, RestRequest } from '../client/client.ts'
import { subject } from '../client/errors.ts'
import type { Retries } from '../client/options.ts'
import { backoff, pause } from '../client/turns.ts'
import type { JsonObject } from './exact-json.ts'
import { isBroken, pageFailure, readPage } from './page.ts'
import { PageGuard } from './page-guard.ts'
import { firstPosition, nextPosition, type PageFacts, type Position, requestAt, totalOf } from './paginate.ts'
import type { PagesOptions } from './source-options.ts'
import { parseSinglePath } from './value-path.ts'

/** What takes the rows of pages one after the other. */
export interface PageSink {
  /** Whether it wants no more rows. */
  readonly isFull: boolean
  /** @returns digests of the records that the row became. */
  add(row: JsonObject, loose: boolean): readonly string[]
  relieve(): Promise<void>
  /** A page begins; what came of it is taken back where it has to be asked for again. */
  begin(): Promise<void>
  takeBack(): Promise<void>
  /** A page is complete. @param next where the one after it is. */
  complete(next: Position | undefined, rows: number): Promise<void>
}

export interface PagesRequest {
  readonly client: RestClient
  readonly options: PagesOptions
  readonly retries: Retries
  readonly signal: AbortSignal
  /** Parameters besides those of the options. */
  readonly params?: Readonly<Record<string, string>>
  /** The resource with the fields of a parent filled in. */
  readonly path?: string
  /** Where to go on, and how many rows came before. */
  readonly from?: { readonly position: Position; readonly rows: number }
}

/**
 * Reads page after page to the last one, or until the sink is full.
 * @throws RunError or RetryableError where a page breaks off, comes twice, or the total that the server says is another one.
 */
export async function readPages(request: PagesRequest, sink: PageSink): Promise<void> {
  const { options } = request
  const name = subject(request.client.asked({ method: options.method, path: options.resource }))
  const guard = new PageGuard(options.paginate, name)
  let position: Position | undefined = request.from?.position ?? firstPosition(options.paginate)
  let rows = request.from?.rows ?? 0
  let total: number | undefined
  while (position && !sink.isFull) {
    const isAll = total !== undefined && rows >= total
    const page: PageFacts = await persist(request, sink, guard, { position, isAll })
    rows += page.rows
    if (sink.isFull) return
    try {
      if (options.paginate.total && !(isAll && page.rows === 0)) total = totalOf(page)
      position = nextPosition(options.paginate, position, page)
    } catch (thrown) {
      throw pageFailure(thrown, name)
    }
    guard.end(position)
    await sink.complete(position, rows)
  }
  if (total !== undefined && total !== rows && !sink.isFull) throw wrongTotal(name, total, rows)
}

interface Place {
  readonly position: Position
  /** Whether all rows are there by the server's own total: then it may refuse to give one more page. */
  readonly isAll: boolean
}

/** A page whose body breaks off is asked for again. */
async function persist(request: PagesRequest, sink: PageSink, guard: PageGuard, place: Place): Promise<PageFacts> {
  const { retries, signal } = request
  for (let retry = 0; ; retry++) {
    await sink.begin()
    guard.begin()
    try {
      return await ask(request, sink, guard, place)
    } catch (thrown) {
      await sink.takeBack()
      if (!isBroken(thrown) || retry >= retries.times) throw thrown
      await pause(backoff(retries.wait, retry, retries.longest), signal)
    }
  }
}

async function ask({ client, options, path, params }: PagesRequest, sink: PageSink, guard: PageGuard, place: Place) {
  return await readPage({
    client,
    options,
    request: pageRequest(options, place, path, params),
    row: (row, loose) => {
      for (const digest of sink.add(row, loose)) guard.row(digest)
      return !sink.isFull
    },
    relieve: () => sink.relieve(),
  })
}

function pageRequest(
  options: PagesOptions,
  { position, isAll }: Place,
  path = options.resource,
  more: Readonly<Record<string, string>> = {},
): RestRequest {
  const { method, headers, paginate } = options
  const { url, params } = requestAt(paginate, position)
  const inBody = paginate.in === 'body'
  const body = bodyOf(options, inBody ? params : {})
  const json = typeof options.body === 'string' ? {} : { 'content-type': 'application/json' }
  return {
    method,
    path: url ?? path,
    shown: options.resource,
    // A link to the next page holds all its parameters.
    params: url === undefined ? { ...options.params, ...more, ...(inBody ? {} : params) } : {},
    headers: { ...(body === undefined ? {} : json), ...headers },
    ...(body === undefined ? {} : { body }),
    repeatable: true,
    ...(isAll ? { accept: (status) => [400, 404, 416, 422].includes(status) } : {}),
  }
}

/** Parameters within a body of JSON; numbers stay numbers. */
function bodyOf({ body, paginate }: PagesOptions, params: Readonly<Record<string, string>>): string | undefined {
  if (body === undefined && paginate.in === 'query') return undefined
  if (typeof body === 'string') return body
  const isNumber = paginate.scheme.by === 'page' || paginate.scheme.by === 'offset'
  let filled: Readonly<Record<string, unknown>> = body ?? {}
  for (const [name, value] of Object.entries(params))
    filled = withValue(filled, stepsOf(name), isNumber || name === paginate.sizeParam ? Number(value) : value)
  return JSON.stringify(filled)
}

/** A parameter of the body is a member of it, or a place in it: `$.variables.after`. */
function stepsOf(name: string): readonly string[] {
  if (!name.startsWith('$')) return [name]
  return parseSinglePath('paginate.param', name).steps.flatMap((step) => (step.kind === 'member' ? [step.name] : []))
}

function withValue(into: unknown, [step = '', ...deeper]: readonly string[], value: unknown): Readonly<Record<string, unknown>> {
  const map = typeof into === 'object' && into !== null ? (into as Readonly<Record<string, unknown>>) : {}
  return { ...map, [step]: deeper.length === 0 ? value : withValue(map[step], deeper, value) }
}

function wrongTotal(name: string, total: number, rows: number): RetryableError {
  return new RetryableError({
    code: 'WRONG_TOTAL',
    message: `${name}: the server says that there are ${total} rows, its pages have ${rows}`,
    hint: 'rows may have come or gone while they were read: run again; if it stays so, leave `paginate.total` out',
  })
}
