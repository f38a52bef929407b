import type { Workspace } from '../workspace.ts'
import { writeChunks } from '../write-chunks.ts'
import type { Book } from './book.ts'
import type { Selection } from './select-area.ts'
import { type SheetPlan, SheetTable } from './sheet-table.ts'

/** The cells of one sheet as records of the `csv` profile in a temporary file. */
export interface Converted {
  readonly path: string
  readonly selection: Selection
  /** The number of the last row of the header, or of the row above the records where there is none. */
  readonly headerRow: number
  /** By position in the records; `undefined` where a column has neither a name nor a value. */
  readonly names: readonly (string | undefined)[]
  /** By position: sums of `cellKinds`. */
  readonly kinds: readonly number[]
  readonly facts: SheetTable['facts']
  /** By position, how many cells below the header hold formulas, and how many no value. */
  readonly formulas: readonly number[]
  readonly invalidCells: readonly number[]
  /** The number of the last row that the sheet lists, wanted or not. */
  readonly lastRow: number
}

/** Reads a sheet once; a second time where its rows turn out wider than its header, or its header higher than one row. */
export async function convertSheet(book: Book, selection: Selection, mark: string, workspace: Workspace): Promise<Converted> {
  const { sheet, area, header } = selection
  let plan: SheetPlan = { place: `${book.name}#${sheet}`, area, header, width: 0, mark }
  for (;;) {
    const path = workspace.temporaryFile('csv')
    const table = new SheetTable(plan)
    await writeChunks(path, records(book, sheet, table))
    const revised = table.revised()
    if (!revised) return { path, selection, ...found(table) }
    plan = revised
    await workspace.remove(path)
  }
}

function found({ headerRow, names, kinds, facts, formulas, invalidCells, lastRow }: SheetTable): Omit<Converted, 'path' | 'selection'> {
  return { headerRow, names, kinds, facts, formulas, invalidCells, lastRow }
}

async function* records(book: Book, sheet: string, table: SheetTable): AsyncGenerator<Uint8Array> {
  for await (const _ of book.cells(sheet, table)) yield* table.take()
  yield* table.take(true)
}
