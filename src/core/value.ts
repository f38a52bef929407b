/**
 * One cell. Decimals, dates, times, JSON, UUIDs and everything that has no equal elsewhere travel as canonical text
 * (`canonical.ts`), so that nothing rounds them. Integers travel as `bigint`, or as `number` where they fit exactly.
 */
export type Value = null | boolean | number | bigint | string | Uint8Array

/** Rows by column: `cells[c][r]` is the cell of column `c` in row `r`. Every column has `rows` cells. */
export interface Batch {
  readonly rows: number
  readonly cells: readonly (readonly Value[])[]
}
