import type { Area } from './sheet-area.ts'
import type { SheetTable } from './sheet-table.ts'

/** A book of whatever format, opened. */
export interface Book extends AsyncDisposable {
  /** The file as the user named it. */
  readonly name: string
  /** In the order of the tabs, those without cells (charts) left out. */
  readonly sheets: readonly BookSheet[]
  /** The areas that the book itself names. */
  areas(): Promise<readonly NamedArea[]>
  /** Puts every cell of a sheet into a table; each step is a portion. Ends only when the sheet was read to its end. */
  cells(sheet: string, table: SheetTable): AsyncIterable<void>
}

export interface BookSheet {
  readonly name: string
  readonly visible: boolean
}

/** A defined name, or a table of Excel. */
export interface NamedArea {
  readonly name: string
  readonly sheet: string
  readonly area: Area
  /** Whether its first row names the columns, where the book says so. */
  readonly header?: boolean
}
