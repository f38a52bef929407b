import { bound } from './number-text.ts'

/**
 * A DuckDB expression for the text of a 32-bit float on its way into a wider type: its shortest text, so that `0.1` stays
 * 0.1. Engines disagree on that text where two are equally short (PostgreSQL writes `388697.62`, DuckDB `388697.625`), so it is
 * made anew; other texts stay as they are.
 */
export function widenedText(text: string): string {
  const single = (name: string) => {
    const spelled = (digits: number) => `printf('%.${digits}g', ${name}::DOUBLE)`
    const shortest = (from: number) => {
      const tries = Array.from({ length: 9 - from }, (_, at) => spelled(from + at)).map(
        (some) => `WHEN ${some}::FLOAT = ${name} THEN ${some}`,
      )
      return `CASE ${tries.join(' ')} ELSE ${spelled(9)} END`
    }
    // Six digits always come back as they were, but for the smallest numbers, which have fewer.
    return `CASE WHEN NOT isfinite(${name}) THEN ${text} WHEN abs(${name}) < 1.2e-38 THEN ${shortest(1)} ELSE ${shortest(6)} END`
  }
  return `coalesce(${bound(`TRY_CAST(${text} AS FLOAT)`, single)}, ${text})`
}
