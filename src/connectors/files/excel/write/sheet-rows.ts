import type { Cells } from '../../csv-cells.ts'
import { columnLetters, mostRows } from '../sheet-area.ts'
import { type CellWriter, textCell } from './cells.ts'
import { tooManyRows } from './limits.ts'

export interface RowOptions {
  /** The book, for messages. */
  readonly file: string
  /** By column, in the order of the cells. */
  readonly writers: readonly CellWriter[]
  /** The number of the column, counted from 1, that each lies in. */
  readonly positions: readonly number[]
  /** The number of the first row that is written. */
  readonly firstRow: number
}

/** The rows of a sheet as XML, some thousand at a time. */
export class SheetRows {
  readonly #file: string
  readonly #columns: readonly { readonly letters: string; readonly write: CellWriter; readonly from: number }[]
  #next: number

  constructor({ file, writers, positions, firstRow }: RowOptions) {
    this.#file = file
    this.#next = firstRow
    const columns = writers.map((write, from) => ({ write, from, at: positions[from] ?? from + 1 }))
    // A sheet's cells come in the order of their columns.
    this.#columns = columns.sort((a, b) => a.at - b.at).map(({ write, from, at }) => ({ letters: columnLetters(at), write, from }))
  }

  /** The number of the row that was written last. */
  get lastRow(): number {
    return this.#next - 1
  }

  /** @throws RunError past the last row that a sheet has. */
  write(batch: readonly Cells[]): string {
    if (this.#next + batch.length - 1 > mostRows) throw tooManyRows(this.#file)
    let xml = ''
    for (const cells of batch) {
      const row = this.#next++
      let content = ''
      for (const { letters, write, from } of this.#columns) {
        const cell = cells[from]
        if (cell !== null && cell !== undefined) content += write(cell, `${letters}${row}`)
      }
      xml += content === '' ? `<row r="${row}"/>` : `<row r="${row}">${content}</row>`
    }
    return xml
  }
}

/**
 * The cells of a header as XML.
 * @param names by the number of their column.
 */
export function headerCells(names: ReadonlyMap<number, string>, row: number, style: (column: number) => number): string {
  const cells = [...names].map(([at, name]) => ({ at, name })).sort((a, b) => a.at - b.at)
  return cells.map(({ name, at }) => textCell(name, `${columnLetters(at)}${row}`, style(at))).join('')
}
