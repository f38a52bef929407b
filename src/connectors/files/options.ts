import { ConfigError } from '../../core/errors.ts'
import { nearest } from '../../core/nearest.ts'
import { parseType, type Type } from '../../core/types.ts'
import type { Compression, Format } from './format.ts'

/** Options of one object, as the long form of `from` and `to` gives them; what is absent is found out from the file. */
export interface FileOptions {
  readonly format?: Format
  readonly compression?: Compression
  /** One ASCII character. */
  readonly delimiter?: string
  /** One ASCII character, or empty where nothing is ever quoted. */
  readonly quote?: string
  /** Whether the first line holds the names; a list says that none does and these are the names. */
  readonly header?: boolean | readonly string[]
  /** The rows of a sheet that hold the names, counted from 1. */
  readonly headerRows?: { readonly first: number; readonly last: number }
  /** A sheet of a book by its name. */
  readonly sheet?: string
  /** The cells of a sheet that are read: `B3:F200`, `B3:F`, the name of a table or of a range. */
  readonly range?: string
  /** Whether formulas of a sheet may become their values where its rows are written anew. */
  readonly formulas?: 'values'
  /** A label of the WHATWG Encoding Standard, in lower case. */
  readonly encoding?: string
  /** Unquoted texts that mean NULL. */
  readonly nulls?: readonly string[]
  /** Types that are not left to the target or to inference. */
  readonly columns: Readonly<Record<string, Type>>
}

type Given = Readonly<Record<string, unknown>>
type Reader = (value: unknown, name: string) => Partial<FileOptions>

const readers: Readonly<Record<string, Reader>> = {
  format: (value) => {
    if (value === 'tsv') return { format: 'csv', delimiter: '\t' }
    return { format: oneOf('format', value, ['csv', 'json', 'ndjson', 'parquet', 'xlsx', 'xls', 'ods']) }
  },
  compression: (value) => ({ compression: oneOf('compression', value, ['none', 'gzip', 'zstd']) }),
  delimiter: (value) => ({ delimiter: character('delimiter', value === '\\t' || value === 'tab' ? '\t' : value) }),
  quote: (value) => ({ quote: value === '' ? '' : character('quote', value) }),
  header: (value) => header(value),
  sheet: (value) => ({ sheet: name('sheet', value) }),
  range: (value) => ({ range: name('range', value) }),
  formulas: (value) => ({ formulas: oneOf('formulas', value, ['values']) }),
  encoding: (value) => ({ encoding: encoding(value) }),
  null: (value) => ({ nulls: typeof value === 'string' ? [value] : texts('null', value) }),
  columns: (value) => ({ columns: types(value) }),
}

/**
 * Turns the untrusted options of an object into {@link FileOptions}.
 * @throws ConfigError naming the bad field, with the nearest known one.
 */
export function parseFileOptions(object: string, given: Given = {}): FileOptions {
  let options: FileOptions = { columns: {} }
  // `format: tsv` gives a delimiter, which an explicit one overrides wherever it stands.
  const names = Object.keys(given).sort((a, b) => Number(b === 'format') - Number(a === 'format'))
  for (const name of names) {
    if (given[name] === undefined) continue
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined
    if (!read) throw unknownOption(object, name)
    options = { ...options, ...read(given[name], name) }
  }
  if (options.quote !== undefined && options.quote === options.delimiter)
    throw bad('quote', 'a character other than the delimiter', 'the same')
  return options
}

function unknownOption(object: string, name: string): ConfigError {
  const known = Object.keys(readers)
  const near = nearest(name, known)
  return new ConfigError({
    code: 'UNKNOWN_OPTION',
    message: `\`${name}\` is not an option of the file \`${object}\``,
    hint: near ? `did you mean \`${near}\`? Options are ${known.join(', ')}` : `options are ${known.join(', ')}`,
  })
}

function oneOf<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((c) => c === value)
  if (choice === undefined) throw bad(option, `one of ${choices.join(', ')}`, shown(value))
  return choice
}

function character(option: string, value: unknown): string {
  if (typeof value === 'string' && /^[\t\x20-\x7e]$/.test(value)) return value
  throw bad(option, 'one ASCII character', shown(value))
}

function header(value: unknown): Pick<FileOptions, 'header' | 'headerRows'> {
  if (typeof value === 'boolean') return { header: value }
  if (Array.isArray(value) && value.length > 0) return { header: texts('header', value) }
  const [, first, last = first] = /^([1-9]\d{0,6})(?::([1-9]\d{0,6}))?$/.exec(String(value)) ?? []
  if (Number(first) <= Number(last)) return { headerRows: { first: Number(first), last: Number(last) } }
  throw bad('header', 'true, false, a list of column names, or in a book a row such as 3 or rows such as 3:4', shown(value))
}

function name(option: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  throw bad(option, 'a name', shown(value))
}

function encoding(value: unknown): string {
  const label = typeof value === 'string' ? value.trim().toLowerCase() : ''
  if (isEncoding(label)) return label
  throw bad('encoding', 'an encoding such as utf-8, utf-16le, windows-1252 or iso-8859-2', shown(value))
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

function texts(option: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value
  throw bad(option, 'a list of texts', shown(value))
}

function types(value: unknown): Readonly<Record<string, Type>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad('columns', 'a map of column names to types', shown(value))
  return Object.fromEntries(
    Object.entries(value).map(([name, type]) => {
      if (typeof type !== 'string') throw bad(`columns.${name}`, 'the name of a type', shown(type))
      return [name, parseType(type)]
    }),
  )
}

function bad(option: string, expected: string, found: string): ConfigError {
  return new ConfigError({ code: 'BAD_OPTION', message: `\`${option}\`: expected ${expected}, found ${found}` })
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'a map' : `\`${String(value)}\``
}
