import type { Reject, RejectReason } from '../core/changes.ts'
import { identifier } from '../duckdb/sql.ts'
import type { Engine, TextRow } from './engine.ts'

/** What is told of every row with one kind of fault. */
export interface Cause {
  readonly reason: RejectReason
  readonly column?: string
  readonly detail: string
}

/** Rows set aside by one step. */
interface SetAside {
  /** A table of `cause`, a position in `causes`, and `original`, the cells as a list of texts. */
  readonly table: string
  readonly causes: readonly Cause[]
  /** Names of the cells of `original`. */
  readonly names: readonly string[]
}

/** Every row that a stage has set aside. */
export class Rejects {
  readonly #engine: Engine
  readonly #parts: SetAside[] = []
  #count = 0

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get count(): number {
    return this.#count
  }

  add(part: SetAside, rows: number): void {
    if (rows === 0) return
    this.#parts.push(part)
    this.#count += rows
  }

  async *read(): AsyncGenerator<readonly Reject[]> {
    for (const part of this.#parts) yield* this.#readPart(part)
  }

  async *#readPart({ table, causes, names }: SetAside): AsyncGenerator<readonly Reject[]> {
    const cells = names.map((_, index) => `original[${index + 1}]`)
    const sql = `SELECT cause, ${cells.join(', ')} FROM ${identifier(table)}`
    for await (const rows of this.#engine.textRows(sql))
      for (let start = 0; start < rows.length; start += 500) yield rows.slice(start, start + 500).map((row) => reject(row, causes, names))
  }
}

function reject([cause, ...cells]: TextRow, causes: readonly Cause[], names: readonly string[]): Reject {
  const found = causes[Number(cause)]
  if (!found) throw new Error('a reject without a cause')
  return { ...found, row: Object.fromEntries(names.map((name, index) => [name, cells[index] ?? null])) }
}
