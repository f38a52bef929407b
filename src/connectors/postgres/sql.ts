import { RunError } from '../../core/errors.ts'

/** An identifier in PostgreSQL's SQL, quoted. */
export function identifier(name: string): string {
  return `"${withoutNul(name).replaceAll('"', '""')}"`
}

/** A list of identifiers, quoted. */
export function identifiers(names: readonly string[]): string {
  return names.map(identifier).join(', ')
}

/** A text literal, for COPY, which cannot bind values. Sessions run with `standard_conforming_strings`. */
export function literal(text: string): string {
  return `'${withoutNul(text).replaceAll("'", "''")}'`
}

/** A one-dimensional array as PostgreSQL reads it, as a text literal. */
export function arrayLiteral(texts: readonly string[]): string {
  return literal(`{${texts.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`).join(',')}}`)
}

/** The protocol ends a statement at a NUL, so that the rest of it would be lost without a word. */
function withoutNul(text: string): string {
  if (!text.includes('\0')) return text
  throw new RunError({ code: 'NUL_IN_TEXT', message: 'a name or text for PostgreSQL holds a NUL character, which it cannot hold' })
}
