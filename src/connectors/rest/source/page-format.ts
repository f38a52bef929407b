import type { RestResponse } from '../client/client.ts'
import { PageError } from './page-reader.ts'

export type PageFormat = 'json' | 'ndjson' | 'csv' | 'xml'

export const pageFormats: readonly PageFormat[] = ['json', 'ndjson', 'csv', 'xml']

const types: readonly (readonly [pattern: RegExp, format: PageFormat])[] = [
  [/^(application|text)\/(x-)?(ndjson|jsonl(ines)?|jsonlines|json-lines|json-stream)$/, 'ndjson'],
  [/^application\/stream\+json$/, 'ndjson'],
  [/^(application|text)\/json$|^application\/[\w.-]+\+json$/, 'json'],
  [/^(text|application)\/(csv|tab-separated-values)$/, 'csv'],
  [/^(application|text)\/xml$|^application\/(?!xhtml)[\w.-]+\+xml$/, 'xml'],
]

const extensions: Readonly<Record<string, PageFormat>> = {
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  csv: 'csv',
  tsv: 'csv',
  xml: 'xml',
}

export interface FoundFormat {
  readonly format: PageFormat
  /** Separates fields of CSV where nobody says it otherwise. */
  readonly delimiter: string
  readonly charset: string | undefined
}

/**
 * What an answer is: as configured, else by its content type, else by the end of its path, else JSON.
 * @throws PageError where it is a page for people.
 */
export function formatOf({ headers, url }: Pick<RestResponse, 'headers' | 'url'>, given: PageFormat | undefined): FoundFormat {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  if (/^text\/html$|^application\/xhtml\+xml$/.test(type)) throw notData(type, given)
  const extension = /\.([a-z]+)$/i.exec(url.pathname)?.[1]?.toLowerCase() ?? ''
  const byName = Object.hasOwn(extensions, extension) ? extensions[extension] : undefined
  const format = given ?? types.find(([pattern]) => pattern.test(type))?.[1] ?? byName ?? 'json'
  const charset = parameters.map((parameter) => /^charset="?([\w.:-]+)"?$/.exec(parameter)?.[1]).find((found) => found !== undefined)
  const tabs = type === 'text/tab-separated-values' || extension === 'tsv'
  return { format, delimiter: tabs ? '\t' : ',', charset }
}

function notData(type: string, given: PageFormat | undefined): PageError {
  return new PageError(`expected ${given ?? 'JSON, NDJSON, CSV or XML'}, found ${type}, a page for people`, {
    code: 'NOT_DATA',
    hint: 'is it a login page or an error page? Check `url`, `resource` and `auth`',
  })
}
