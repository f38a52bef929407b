import type { ColumnSet } from './column-set.ts'
import type { JsonObject } from './exact-json.ts'
import type { PageSink } from './pages.ts'
import type { Position } from './paginate.ts'
import { shapeRow } from './row-shape.ts'
import type { SourceOptions } from './source-options.ts'
import type { Spool, SpoolMark } from './spool.ts'

export interface SpoolSinkParts {
  readonly spool: Spool
  readonly columns: ColumnSet
  readonly source: Pick<SourceOptions, 'split' | 'flatten'>
  /** Columns that every row has from its parent. */
  readonly carried: JsonObject
  /** Records that are wanted at most, in this spool. */
  readonly most?: number | undefined
  /** Whether the first page is enough. */
  readonly onePage?: boolean
  readonly completed?: (next: Position | undefined, rows: number) => Promise<void>
}

/** Puts the rows of pages into a spool, shaped. */
export class SpoolSink implements PageSink {
  readonly #parts: SpoolSinkParts
  #mark: SpoolMark = { bytes: 0, rows: 0 }
  #pages = 0

  constructor(parts: SpoolSinkParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    const { spool, most, onePage } = this.#parts
    return (onePage === true && this.#pages > 0) || (most !== undefined && spool.rows >= most)
  }

  add(row: JsonObject, loose: boolean): readonly string[] {
    const { spool, columns, source, carried } = this.#parts
    return shapeRow(row, source, carried).map((shaped) => spool.add(columns.record(shaped, loose)))
  }

  async relieve(): Promise<void> {
    await this.#parts.spool.relieve()
  }

  async begin(): Promise<void> {
    this.#mark = await this.#parts.spool.mark()
  }

  async takeBack(): Promise<void> {
    await this.#parts.spool.goBack(this.#mark)
  }

  async complete(next: Position | undefined, rows: number): Promise<void> {
    this.#pages++
    await this.#parts.completed?.(next, rows)
  }
}
