import { ConfigError } from '../../core/errors.ts'

export type Format = 'csv' | 'json' | 'ndjson' | 'parquet' | BookFormat
/** Books: a file of sheets, one of which is an object. */
export type BookFormat = 'xlsx' | 'xls' | 'ods'
export type Compression = 'none' | 'gzip' | 'zstd'

/** What a file's name says about its content. */
export interface NamedFormat {
  readonly format: Format | undefined
  readonly compression: Compression
  /** Tab-separated by name. */
  readonly tabs: boolean
}

const extensions: Readonly<Record<string, Format>> = {
  csv: 'csv',
  tsv: 'csv',
  tab: 'csv',
  json: 'json',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  parquet: 'parquet',
  pq: 'parquet',
  xlsx: 'xlsx',
  xlsm: 'xlsx',
  xls: 'xls',
  ods: 'ods',
}

const compressions: Readonly<Record<string, Compression>> = { gz: 'gzip', gzip: 'gzip', zst: 'zstd', zstd: 'zstd' }

/** Reads a name from its end: `orders.csv.gz` is gzip around CSV. */
export function namedFormat(name: string): NamedFormat {
  const parts = name.toLowerCase().split('.')
  const compression = compressions[parts.at(-1) ?? '']
  const extension = (compression ? parts.at(-2) : parts.at(-1)) ?? ''
  const format = parts.length > (compression ? 2 : 1) ? extensions[extension] : undefined
  return { format, compression: compression ?? 'none', tabs: extension === 'tsv' || extension === 'tab' }
}

/** @throws ConfigError where neither the options nor the name say the format. */
export function formatOf(name: string, given: Format | undefined): Format {
  const format = given ?? namedFormat(name).format
  if (format) return format
  throw new ConfigError({
    code: 'UNKNOWN_FORMAT',
    message: `the name \`${name}\` does not say what format the file has: expected an extension of ${Object.keys(extensions).join(', ')}`,
    hint: 'name it with `format: csv`, `json`, `ndjson`, `parquet`, `xlsx`, `xls` or `ods` in the long form of the address',
  })
}

export function isBook(format: Format): format is BookFormat {
  return format === 'xlsx' || format === 'xls' || format === 'ods'
}
