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
  readonly #parts = new Map<string, SetAside & { readonly rows: number }>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  get count(): number {
    return [...this.#parts.values()].reduce((sum, { rows }) => sum + rows, 0)
  }

  /** Whether nothing is wrong with any of them but that the target has a row of their key. */
  get exist(): boolean {
    return [...this.#parts.values()].every(({ causes }) => causes.every(({ reason }) => reason === 'exists'))
  }

  add(part: SetAside, rows: number): void {
    if (rows > 0) this.#parts.set(part.table, { ...part, rows })
  }

  /** Takes back what was set aside in a table. */
  remove(table: string): void {
    this.#parts.delete(table)
  }

  async *read(): AsyncGenerator<readonly Reject[]> {
    for (const part of this.#parts.values()) yield* this.#readPart(part)
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
