import path from 'node:path'
import type { TableRef } from '../../core/table.ts'
import type { Catalog, Opened } from './catalog.ts'
import { type Dialect, profile } from './csv-dialect.ts'
import { CsvSource } from './csv-source.ts'
import type { Dataset } from './dataset.ts'
import { checkBook } from './excel/write/check-book.ts'
import { type Compression, type Format, formatOf, isBook, namedFormat } from './format.ts'
import { type Located, locateTarget } from './locate.ts'
import { type FileOptions, parseFileOptions } from './options.ts'

/** A file to be written: where it lies and how it is to be written. */
export interface Target {
  readonly ref: TableRef
  /** Links followed. */
  readonly located: Located
  /** As named, which snapshots note. */
  readonly named: string
  readonly format: Format
  readonly compression: Compression
  readonly encoding: string
  readonly mark: boolean
  readonly dialect: Dialect
  readonly header: boolean
  readonly options: FileOptions
  /** What is there already. */
  readonly former: Opened | undefined
}

/**
 * How a file is written: as its options say, else as the file is that is there already, else plain.
 * @throws ConfigError where the name is a glob or the options are wrong.
 */
export async function findTarget(catalog: Catalog, ref: TableRef): Promise<Target> {
  const options = parseFileOptions(ref.name, ref.options)
  const format = formatOf(ref.name, options.format)
  if (isBook(format)) checkBook(ref.name, format, options)
  const located = await locateTarget(catalog.folder, ref.name)
  const { compression, tabs } = namedFormat(ref.name)
  const former = await catalog.find(ref)
  const head = former?.source instanceof CsvSource ? former.source.head : undefined
  const encoding = options.encoding ?? head?.encoding ?? 'utf-8'
  return {
    ref,
    located,
    named: path.resolve(catalog.folder, ref.name),
    format,
    compression: options.compression ?? compression,
    encoding: ['utf-16', 'unicode', 'ucs-2'].includes(encoding) ? 'utf-16le' : encoding,
    mark: head?.mark ?? new TextDecoder(encoding).encoding.startsWith('utf-16'),
    dialect: head?.dialect ?? {
      delimiter: options.delimiter ?? (tabs ? '\t' : profile.delimiter),
      quote: options.quote ?? profile.quote,
    },
    header: head?.header ?? (options.header !== false && !Array.isArray(options.header)),
    options,
    former,
  }
}

/** The new version of a target as something to be read: nothing about it is left to be found out. */
export function writtenDataset(target: Target, file: string, names: readonly string[]): Dataset {
  const { dialect, header, encoding, compression, format, options } = target
  return {
    name: target.ref.name,
    files: [{ path: file, name: target.ref.name }],
    format,
    options: {
      ...options,
      ...dialect,
      format,
      compression,
      encoding,
      header: header || names,
    },
  }
}
