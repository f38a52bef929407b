import { ConfigError } from '../../core/errors.ts'

/**
 * An identifier, quoted in a way that no `sql_mode` changes.
 * @throws ConfigError where MySQL has no such identifier (manual, "Schema Object Names").
 */
export function identifier(name: string): string {
  if (/[\0\u{10000}-\u{10ffff}]/u.test(name) || /\s$/.test(name) || name === '') {
    throw new ConfigError({
      code: 'BAD_NAME',
      message: `\`${name}\` cannot be a name in MySQL: it takes no characters past U+FFFF, no NUL, and no space at the end`,
      hint: 'rename it on the way',
    })
  }
  return `\`${name.replaceAll('`', '``')}\``
}

/** A list of identifiers, quoted. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(', ')
}

/** A text literal. Sessions run without `NO_BACKSLASH_ESCAPES`. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\0', '\\0')}'`
}
