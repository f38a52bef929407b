import { ConfigError } from '../../core/errors.ts'

export interface DuckdbOptions {
  /** The database file; a relative path starts at the context's base directory. */
  readonly path: string
  /** Never writes, never creates the file. */
  readonly readonly: boolean
}

const names = ['path', 'readonly']

/** @throws ConfigError naming the field that is missing, unknown or of the wrong type. */
export function parseOptions(input: Readonly<Record<string, unknown>>): DuckdbOptions {
  const { path, readonly } = input
  const unknown = Object.keys(input).find((name) => !names.includes(name))
  if (unknown !== undefined) throw badOption(unknown, `is not an option of duckdb; options are ${names.join(', ')}`)
  if (typeof path !== 'string' || path === '') throw badOption('path', 'of duckdb must be the path of a database file')
  if (readonly !== undefined && typeof readonly !== 'boolean') throw badOption('readonly', 'of duckdb must be true or false')
  return { path, readonly: readonly ?? false }
}

function badOption(name: string, problem: string): ConfigError {
  return new ConfigError({ code: 'BAD_OPTION', message: `\`${name}\` ${problem}` })
}
