import { identifier, literal } from '../../duckdb/sql.ts'
import { type Dialect, profile } from './csv-dialect.ts'
import type { CsvFacts } from './csv-scan.ts'

/** One or more files that DuckDB reads alike. */
export interface CsvFiles {
  readonly paths: readonly string[]
  readonly dialect: Dialect
  readonly header: boolean
  readonly nulls: readonly string[]
  readonly facts: Pick<CsvFacts, 'longest' | 'newlines' | 'innerNewlines'>
}

const defaultLine = 2_097_152
const defaultBuffer = 33_554_432

/**
 * The call of DuckDB's `read_csv` that leaves nothing to its guesses: dialect, newline and columns are said, every cell is
 * text, and what does not fit is an error.
 */
function readCsvCall({ paths, dialect, header, nulls, facts }: CsvFiles, names: readonly string[]): string {
  const line = Math.max(defaultLine, facts.longest + 16)
  const settings = {
    auto_detect: 'false',
    header: String(header),
    delim: literal(dialect.delimiter),
    quote: literal(dialect.quote),
    escape: literal(dialect.quote),
    // Said only for LF: told of CRLF, DuckDB 1.5.6 reads no rows without a word, while it finds CR and CRLF by itself.
    ...(facts.newlines.includes('lf') ? { new_line: `'\\n'` } : {}),
    nullstr: `[${nulls.map(literal).join(', ')}]`,
    allow_quoted_nulls: 'false',
    strict_mode: 'true',
    null_padding: 'false',
    ignore_errors: 'false',
    compression: `'none'`,
    encoding: `'utf-8'`,
    // Threads that begin in the middle of a file take a newline within quotes for the end of a record (seen with 1.5.6).
    parallel: String(!facts.innerNewlines),
    max_line_size: String(line),
    ...(line * 2 > defaultBuffer ? { buffer_size: String(line * 2) } : {}),
    columns: `{${names.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ')}}`,
  }
  const shown = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  return `read_csv([${paths.map((path) => literal(globless(path))).join(', ')}], ${shown.join(', ')})`
}

/** Files in the profile of the `csv` form. */
export function profileFiles(paths: readonly string[], { longest, innerNewlines }: Omit<CsvFiles['facts'], 'newlines'>): CsvFiles {
  return { paths, dialect: profile, header: false, nulls: [''], facts: { longest, innerNewlines, newlines: ['lf'] } }
}

/** A relation over files of equal columns, cells as text. */
export function selectCsv(files: readonly CsvFiles[], names: readonly string[], wanted: readonly string[]): string {
  const list = wanted.map(identifier).join(', ')
  return `(${files.map((f) => `SELECT ${list} FROM ${readCsvCall(f, names)}`).join(' UNION ALL ')})`
}

/** DuckDB takes every path for a glob. */
export function globless(path: string): string {
  return path.replace(/[*?[]/g, '[$&]')
}
