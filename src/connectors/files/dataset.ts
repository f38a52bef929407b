import { ConfigError } from '../../core/errors.ts'
import type { TableRef } from '../../core/table.ts'
import { type Compression, type Format, formatOf, isBook, namedFormat } from './format.ts'
import { type Located, locate } from './locate.ts'
import { type FileOptions, parseFileOptions } from './options.ts'

/** The files of one object and what is known about them without looking into them. */
export interface Dataset {
  /** The object as the user named it. */
  readonly name: string
  /** In name order, at least one. */
  readonly files: readonly Located[]
  readonly format: Format
  readonly options: FileOptions
}

/**
 * @returns `undefined` where no file has that name.
 * @throws ConfigError where the options are wrong, or the files of a glob are of several formats.
 */
export async function findDataset(folder: string, ref: TableRef): Promise<Dataset | undefined> {
  const options = parseFileOptions(ref.name, ref.options)
  const files = await locate(folder, ref.name)
  const [first, ...others] = files
  if (!first) return undefined
  const format = formatOf(first.name, options.format)
  const other = others.find((file) => formatOf(file.name, options.format) !== format)
  if (other) {
    throw new ConfigError({
      code: 'MIXED_FORMATS',
      message: `\`${ref.name}\` matches files of several formats: ${first.name} and ${other.name}`,
      hint: 'name a narrower glob, or say which format they all have by `format:`',
    })
  }
  checkOptions(ref.name, format, options)
  return { name: ref.name, files, format, options }
}

/** Sheets and their cells are of books only. */
function checkOptions(object: string, format: Format, { sheet, range, headerRows }: FileOptions): void {
  if (isBook(format)) return
  const given = sheet !== undefined ? 'sheet' : range !== undefined ? 'range' : headerRows ? 'header' : undefined
  if (given === undefined) return
  throw new ConfigError({
    code: 'BAD_OPTION',
    message: given === 'header' ? '`header`: only rows of a book have numbers' : `\`${given}\`: ${object} is no book, so it has no sheets`,
    hint: 'books are .xlsx, .xls and .ods files; name another one by `format:`',
  })
}

/** How a file is compressed: as the options say, else by its name. */
export function compressionOf(file: Located, options: FileOptions): Compression {
  return options.compression ?? namedFormat(file.name).compression
}
