import { RunError } from '../../../../core/errors.ts'
import type { Column } from '../../../../core/table.ts'
import type { Cells } from '../../csv-cells.ts'
import { cannotHold, checkColumns } from './limits.ts'

/** Rows on their way into a sheet. */
export interface Content {
  readonly columns: readonly Column[]
  cells(): AsyncIterable<readonly Cells[]>
}

/** Where the columns of a sheet lie: their names by number, counted from 1. */
export type Positions = ReadonlyMap<number, string>

/**
 * The numbers that columns get: those that they have, else the next ones to the right.
 * @throws RunError where there are more than a sheet has, or one has a name that no header can show.
 */
export function positionsOf(columns: readonly Column[], there: Positions, file: string): readonly number[] {
  const known = new Map([...there].map(([at, name]) => [name, at]))
  let last = Math.max(0, ...there.keys())
  const positions = columns.map(({ name }) => known.get(name) ?? ++last)
  checkColumns(file, last)
  for (const { name } of columns) if (!known.has(name)) checkName(name, file)
  return positions
}

/** A header shows blanks around a name as none, and its lines as one. */
function checkName(name: string, file: string): void {
  if (name.trim() !== '' && !/[\r\n]/.test(name)) return
  throw cannotHold(file, 'a column whose name is blank or has several lines', 'name it otherwise in the source')
}

/** A row of which nothing is shown would not be there for whoever reads the sheet. */
export function refuseBlank(batch: readonly Cells[], file: string): void {
  if (batch.every((cells) => cells.some((cell) => cell !== null))) return
  throw new RunError({
    code: 'CANNOT_HOLD',
    message: `${file} cannot hold a row in which every column is NULL: in a sheet it is no row`,
    hint: 'leave such rows out (`where:`), or write a format that holds them: .csv, .parquet',
  })
}
