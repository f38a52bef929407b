import { ConfigError } from '../../core/errors.ts'
import type { TableRef } from '../../core/table.ts'
import { type Compression, type Format, formatOf, namedFormat } from './format.ts'
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
  return { name: ref.name, files, format, options }
}

/** How a file is compressed: as the options say, else by its name. */
export function compressionOf(file: Located, options: FileOptions): Compression {
  return options.compression ?? namedFormat(file.name).compression
}
