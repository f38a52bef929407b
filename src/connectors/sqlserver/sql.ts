import { RunError } from '../../core/errors.ts'

/** An identifier in T-SQL, in brackets. */
export function identifier(name: string): string {
  return `[${withoutNul(name).replaceAll(']', ']]')}]`
}

/** A list of identifiers. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(', ')
}

/** A Unicode text literal, for statements that cannot bind values. */
export function literal(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`
}

function withoutNul(name: string): string {
  if (!name.includes('\0')) return name
  throw new RunError({ code: 'NUL_IN_TEXT', message: 'a name for SQL Server holds a NUL character, which it cannot hold' })
}
