/** An identifier as the SQL standard quotes it, its case kept. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Identifiers with commas between them. */
export function quoteNames(names: readonly string[]): string {
  return names.map(quoteName).join(', ')
}
