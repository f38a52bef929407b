import type { Column } from '../../core/table.ts'
import { checkNames, checkTyped } from './columns.ts'
import { unpackedBytes, utf8Bytes } from './content.ts'
import { type Dialect, isProfile, parseHead, sniffDialect, sniffHeader } from './csv-dialect.ts'
import { compressionOf, type Dataset } from './dataset.ts'
import { sniffEncoding } from './encoding.ts'
import { type Compression, namedFormat } from './format.ts'
import type { Located } from './locate.ts'
import type { FileOptions } from './options.ts'

/** What the beginning of a CSV file tells. */
export interface CsvHead {
  readonly file: Located
  readonly compression: Compression
  readonly encoding: string
  /** Whether a byte order mark comes first. */
  readonly mark: boolean
  readonly dialect: Dialect
  readonly header: boolean
  /** Empty where the file is empty and nothing else names its columns. */
  readonly names: readonly string[]
}

const headSize = 1 << 16
const longestHead = 1 << 26

/**
 * Looks at the beginning of a CSV file: encoding, dialect, header, names of the columns.
 * @param like the first file of the same dataset, whose dialect counts for all.
 */
export async function readCsvHead(file: Located, options: FileOptions, signal: AbortSignal, like?: CsvHead): Promise<CsvHead> {
  const compression = compressionOf(file, options)
  const { encoding, mark } = sniffEncoding(await headBytes(file, compression, signal), options)
  const text = await headText(file, { compression, encoding }, options, signal)
  const dialect = like?.dialect ?? sniffDialect(text, { ...options, tabs: namedFormat(file.name).tabs })
  const header =
    like?.header ?? (typeof options.header === 'boolean' ? options.header : options.header === undefined && sniffHeader(text, dialect))
  return { file, compression, encoding, mark, dialect, header, names: columnNames(file, text, dialect, header, options) }
}

/** The columns of a dataset: untyped but for those that `columns:` types. */
export function csvColumns(names: readonly string[], dataset: Dataset): readonly Column[] {
  const { columns } = dataset.options
  checkTyped(dataset.name, names, dataset.options)
  return names.map((name) => {
    const type = Object.hasOwn(columns, name) ? columns[name] : undefined
    return type ? { name, type, nullable: true } : { name, type: { kind: 'text' }, nullable: true, untyped: true }
  })
}

export function isDefault(head: CsvHead): boolean {
  return isProfile(head.dialect)
}

async function headBytes(file: Located, compression: Compression, signal: AbortSignal): Promise<Uint8Array> {
  for await (const chunk of unpackedBytes(file, compression, signal)) return chunk.subarray(0, headSize)
  return new Uint8Array(0)
}

/** Enough text to hold the first record, and some to judge the dialect by. */
async function headText(
  file: Located,
  encoded: { readonly compression: Compression; readonly encoding: string },
  options: FileOptions,
  signal: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  let enough = headSize
  for await (const chunk of utf8Bytes(file, encoded, signal)) {
    chunks.push(chunk)
    size += chunk.length
    if (size < enough) continue
    const text = decoded(chunks, Math.max(enough, headSize))
    if (holdsRecord(text, options) || size > longestHead) return text
    enough = size * 2
  }
  return decoded(chunks, size)
}

/** Bytes that are no UTF-8 are left to the walk through the file, which names their line. */
function decoded(chunks: readonly Uint8Array[], size: number): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(chunks).subarray(0, size))
}

function holdsRecord(text: string, options: FileOptions): boolean {
  const dialect = { delimiter: options.delimiter ?? ',', quote: options.quote ?? '"' }
  return parseHead(text, dialect).length > 1
}

function columnNames(file: Located, text: string, dialect: Dialect, header: boolean, { header: given }: FileOptions): readonly string[] {
  if (given !== undefined && typeof given !== 'boolean') return checkNames(file.name, given)
  const first = parseHead(text, dialect)[0] ?? []
  return checkNames(
    file.name,
    first.map((field, index) => (header && field.text.trim() !== '' ? field.text : `column${index + 1}`)),
  )
}
