/** Columns whose values are kept and shown nowhere (rule 27). */
export interface Redaction {
  /** Names in the source or in the target; case does not count. */
  readonly columns: readonly string[]
  /** Looks up what their cells are encrypted by, where there is such a key. @throws ConfigError where it is not there. */
  readonly key?: () => string
  /** Whether a name that neither side knows is a mistake: not where it is said for many syncs or tables at once. */
  readonly strict: boolean
}

/** What stands in place of a value; NULL stays NULL. */
export const redactedText = '[redacted]'
/** The same, of a value that another one takes the place of. */
export const redactedChange = '[redacted, changed]'

export function isRedacted(redaction: Pick<Redaction, 'columns'> | undefined, column: string): boolean {
  return redaction?.columns.some((name) => name.toLowerCase() === column.toLowerCase()) ?? false
}

/** A row in which values of those columns are not shown. */
export function redactRow(
  redaction: Pick<Redaction, 'columns'> | undefined,
  columns: readonly string[],
  row: readonly (string | null)[],
): readonly (string | null)[] {
  if (!redaction) return row
  return row.map((cell, at) => (cell !== null && isRedacted(redaction, columns[at] ?? '') ? redactedText : cell))
}
