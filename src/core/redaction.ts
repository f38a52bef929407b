import type { Reject } from './changes.ts'
import { SealKey } from './seal.ts'

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

export function sealKeyOf({ key }: Pick<Redaction, 'key'>): SealKey | undefined {
  return key && SealKey.of(key())
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

/**
 * Rejects as they are kept: redacted cells under the key where there is one, else not at all. What the target said in its own
 * words may hold them, and is left out.
 */
export function sealRejects(redaction: Redaction | undefined, rejects: readonly Reject[]): readonly Reject[] {
  if (!redaction || rejects.length === 0) return rejects
  const key = sealKeyOf(redaction)
  return rejects.map(({ answer: _, row, ...reject }) => {
    const hidden = Object.entries(row).filter((cell): cell is [string, string] => cell[1] !== null && isRedacted(redaction, cell[0]))
    const sealed = key && Object.fromEntries(hidden.map(([column, text]) => [column, key.seal(text, column)]))
    return {
      ...reject,
      row: { ...row, ...Object.fromEntries(hidden.map(([column]) => [column, redactedText])) },
      ...(sealed && hidden.length > 0 ? { sealed } : {}),
    }
  })
}
