import { RetryableError, RunError } from '../../../core/errors.ts'
import type { RestClient, RestRequest } from '../client/client.ts'
import { subject } from '../client/errors.ts'
import { CsvPage, pageDecoder } from './csv-page.ts'
import type { Json, JsonObject } from './exact-json.ts'
import { jsonPage, ndjsonPage } from './json-page.ts'
import { type FoundFormat, formatOf, type PageFormat } from './page-format.ts'
import { PageError, type PageListener, type PageReader } from './page-reader.ts'
import { factPaths, type PageFacts } from './paginate.ts'
import type { PagesOptions } from './source-options.ts'

export interface PageRequest {
  readonly client: RestClient
  readonly options: PagesOptions
  readonly request: RestRequest
  /** @param loose whether texts have no types. @returns whether more rows are wanted. */
  row(row: JsonObject, loose: boolean): boolean
  /** After some rows, so that they can be written. */
  relieve(): Promise<void>
}

/**
 * Asks for one page and reads it to its end, or until no more rows are wanted.
 * @throws RunError or RetryableError; where the latter comes of the body, {@link isBroken} says so: the page can be asked for again.
 */
export async function readPage({ client, options, request, row, relieve }: PageRequest): Promise<PageFacts> {
  const name = subject(client.asked(request))
  const response = await client.send(request)
  const page: { rows: number; wanted: boolean; facts: Record<string, Json>; last: JsonObject | undefined } = {
    rows: 0,
    wanted: true,
    facts: {},
    last: undefined,
  }
  const done = () => ({ rows: page.rows, facts: page.facts, lastRow: page.last, headers: response.headers, url: response.url })
  try {
    if (response.status === 204 || response.status >= 400) {
      await response.discard()
      return done()
    }
    if (response.status !== 200 && response.status !== 201)
      throw new PageError(`was answered with ${response.status}, which says that this is not all`, { code: 'UNEXPECTED_STATUS' })
    const found = formatOf(response, options.format)
    refuseOpenEnd(found, response.headers)
    const listener: PageListener = {
      row: (one) => {
        if (!page.wanted) return
        page.rows++
        page.last = one
        page.wanted = row(one, found.format === 'csv' || found.format === 'xml')
      },
      fact: (fact, value) => {
        page.facts[fact] = value
      },
    }
    const reader = await readerOf(found, options, listener)
    for await (const chunk of response.bytes()) {
      reader.write(chunk)
      await relieve()
      if (!page.wanted) return done()
    }
    reader.finish()
    return done()
  } catch (thrown) {
    await response.discard()
    const error = pageFailure(thrown, name)
    if (error instanceof RetryableError) broken.add(error)
    throw error
  }
}

const broken = new WeakSet<Error>()

/** Whether an error came of a body that broke off, after its request had been answered well. */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && broken.has(error)
}

/** What is wrong with a page, with its request named. */
export function pageFailure(thrown: unknown, name: string): unknown {
  if (!(thrown instanceof PageError)) return thrown
  const { message, code, hint, again, cause } = thrown
  const ErrorClass = again ? RetryableError : RunError
  return new ErrorClass({
    code,
    message: `${name}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  })
}

async function readerOf({ format, delimiter, charset }: FoundFormat, options: PagesOptions, listener: PageListener): Promise<PageReader> {
  const encoding = options.encoding ?? charset
  const facts = factPaths(options.paginate)
  refusePaths(format, options, Object.keys(facts))
  switch (format) {
    case 'json':
      return jsonPage({ rows: options.rows, facts }, listener)
    case 'ndjson':
      return ndjsonPage(listener)
    case 'csv':
      return new CsvPage(listener, options.delimiter ?? delimiter, pageDecoder(encoding ?? 'utf-8'))
    case 'xml': {
      // Loaded only when it is needed: most APIs speak JSON.
      const { XmlPage } = await import('./xml-page.ts')
      return new XmlPage({ rows: options.rows, facts, encoding }, listener)
    }
  }
}

/** @throws PageError where a path cannot lead anywhere: a token that is never found would make the first page the last. */
function refusePaths(format: PageFormat, { rows }: PagesOptions, facts: readonly string[]): void {
  const isLines = format === 'csv' || format === 'ndjson'
  if (isLines && rows.steps.length > 0)
    throw new PageError(`expected rows at ${rows.text}, found ${format}, whose lines are its rows`, {
      code: 'ROWS_NOT_FOUND',
      hint: 'leave `rows` out',
    })
  if (isLines && facts.length > 0)
    throw new PageError(`expected a page that tells of the next one, found ${format}, which holds nothing but rows`, {
      hint: 'paginate by `page`, `offset`, `last` or `next: link`, without `total` and `more`',
    })
  if (format === 'xml' && (rows.steps.length === 0 || rows.steps.some(({ kind }) => kind === 'each')))
    throw new PageError('expected `rows` to name elements from the root down, found another path', {
      code: 'ROWS_NOT_FOUND',
      hint: 'write `rows: $.feed.entry`; elements of one name need no [*]',
    })
}

/** Of lines nobody knows whether the last one is there, unless HTTP or the compression says where the body ends. */
function refuseOpenEnd({ format }: FoundFormat, headers: Headers): void {
  if (format !== 'ndjson' && format !== 'csv') return
  const says = headers.has('content-length') || /chunked/i.test(headers.get('transfer-encoding') ?? '')
  const packed = headers.get('content-encoding') ?? 'identity'
  if (says || packed !== 'identity') return
  throw new PageError(`expected an answer that says how long it is: ${format} that ends with its connection may be cut short anywhere`, {
    code: 'OPEN_END',
    hint: 'ask the API for JSON or XML, or let the server send Content-Length or chunks',
  })
}
