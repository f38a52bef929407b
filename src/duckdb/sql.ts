/** An identifier in DuckDB's SQL, quoted. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text literal in DuckDB's SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
