import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'

/** What is read of a source. */
export interface Wanted {
  readonly columns: readonly Column[]
  readonly limit?: number
}

/** One dataset, opened: its columns are known and its rows can be had. */
export interface Source {
  readonly columns: readonly Column[]
  /** An exact or estimated number of rows, where one is known without reading. */
  readonly estimate?: number
  /** Where there are no columns although the file is not empty: which options pass over all that it holds. */
  readonly whyEmpty?: string | undefined
  /** @throws RunError where the files are not what their format says. */
  count(): Promise<number>
  rows(wanted: Wanted): Rows
}

/** Whether all columns are wanted, in the order they lie in. */
export function isWhole(source: readonly Column[], { columns, limit }: Wanted): boolean {
  return limit === undefined && columns.length === source.length && columns.every((c, i) => c.name === source[i]?.name)
}
