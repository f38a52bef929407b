import type { Column } from '../core/table.ts'
import { textExpression } from '../duckdb/text.ts'
import { duckdbType } from '../duckdb/types.ts'
import type { Landed } from './contract.ts'
import { isInvalid } from './invalid.ts'

/** Rows on disk or in files where they lie. Inside, columns are named by position, `l0` to `ln`. */
export class LandedRows implements Landed {
  readonly columns: readonly Column[]
  readonly bytes: number
  /** What stands behind FROM. */
  readonly from: string
  /** The DuckDB type of each column as it lies there; VARCHAR holds canonical or untyped text. */
  readonly types: readonly string[]
  readonly #release: () => Promise<void>

  constructor(parts: {
    readonly columns: readonly Column[]
    readonly bytes: number
    readonly source: string
    readonly types: readonly string[]
    readonly release: () => Promise<void>
  }) {
    this.columns = parts.columns
    this.bytes = parts.bytes
    const names = parts.columns.map((_, index) => `l${index}`)
    this.from = `${parts.source} AS landed${names.length === 0 ? '' : `(${names.join(', ')})`}`
    this.types = parts.types
    this.#release = parts.release
  }

  /** Position of a column. */
  index(name: string): number {
    const index = this.columns.findIndex((column) => column.name === name)
    if (index < 0) throw new Error(`nothing landed under the name ${name}`)
    return index
  }

  /** The text of a cell: canonical where its type is known. */
  text(index: number): string {
    const column = this.columns[index]
    const type = this.types[index]
    if (type === 'VARCHAR' || !column) return `l${index}`
    return type === duckdbType(column.type) ? textExpression(`l${index}`, column.type) : `l${index}::VARCHAR`
  }

  /** A cell as it landed, NULL where it says that it is no value. */
  valued(index: number): string {
    const mark = this.columns[index]?.invalid
    return mark === undefined ? `l${index}` : `if(${isInvalid(`l${index}`, mark)}, NULL, l${index})`
  }

  async release(): Promise<void> {
    await this.#release()
  }
}

/** The rows behind a `Landed` that this stage handed out. */
export function landedRows(landed: Landed): LandedRows {
  if (landed instanceof LandedRows) return landed
  throw new Error('these rows did not land in a stage')
}
