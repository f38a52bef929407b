/** An identifier as the SQL standard quotes it, its case kept. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Identifiers with commas between them. */
export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ')
}

/** A text literal as the SQL standard quotes it: for names in catalog queries, never for values of rows. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
