/** A text literal in SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
