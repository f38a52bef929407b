import type { Rows, RowsForm } from '../../src/core/rows.ts'
import type { Column } from '../../src/core/table.ts'
import { Stage } from '../../src/stage/stage.ts'

/** A cell is its canonical text, `null` for NULL. */
export type Cells = readonly (string | null)[]

/**
 * Turns texts into rows and rows into texts, by a real stage: what a connector is given and gives here is what it is given
 * and gives in a run.
 */
export class Exchange implements AsyncDisposable {
  readonly #stage: Stage

  private constructor(stage: Stage) {
    this.#stage = stage
  }

  static async open(directory: string): Promise<Exchange> {
    return new Exchange(await Stage.open({ directory, signal: new AbortController().signal }))
  }

  /** Rows of these columns in every form that a stage gives. */
  async rows(columns: readonly Column[], cells: readonly Cells[]): Promise<Rows & { readonly count: number }> {
    const landed = await this.#stage.land(csvRows(columns, cells))
    const texts = new Set<string>()
    while (true) {
      const conforming = columns.map((to) => {
        const held = texts.has(to.name) || to.type.kind === 'json' || to.type.kind === 'other' ? ('text' as const) : ('native' as const)
        return { from: to.name, to, held, trusted: true }
      })
      const { staged, overflow } = await this.#stage.conform(landed, { columns: conforming })
      if (overflow.length === 0) return this.#stage.rows(staged)
      for (const name of overflow) texts.add(name)
    }
  }

  /** Every row as texts, ordered by all its cells. Reads the cheapest form, or `form`. */
  async texts(rows: Rows, form?: RowsForm): Promise<readonly Cells[]> {
    const landed = await this.#stage.land(form === undefined ? rows : only(rows, form))
    const columns = landed.columns.map((to) => ({ from: to.name, to, held: 'text' as const, trusted: true }))
    const { staged } = await this.#stage.conform(landed, { columns })
    const found = await this.#stage.sample(staged, staged.rows + 1)
    await landed.release()
    return sorted(found)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stage[Symbol.asyncDispose]()
  }
}

/** The same rows in one form alone. */
export function only(rows: Rows, form: RowsForm): Rows {
  const { columns } = rows
  switch (form) {
    case 'pgcopy':
      return { columns, ...(rows.pgcopy ? { pgcopy: () => given(rows.pgcopy?.()) } : {}) }
    case 'csv':
      return { columns, ...(rows.csv ? { csv: (parts) => given(rows.csv?.(parts)) } : {}) }
    case 'relation':
      return { columns, ...(rows.relation ? { relation: async () => given(await rows.relation?.()) } : {}) }
    case 'batches':
      return { columns, ...(rows.batches ? { batches: () => given(rows.batches?.()) } : {}) }
    case 'file':
      return { columns, ...(rows.file ? { file: async (path, format) => given(await rows.file?.(path, format)) } : {}) }
  }
}

export function sorted(cells: readonly Cells[]): readonly Cells[] {
  return [...cells].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

/** Which forms rows have. */
export function formsOf(rows: Rows): readonly RowsForm[] {
  const forms: readonly RowsForm[] = ['pgcopy', 'csv', 'relation', 'batches', 'file']
  return forms.filter((form) => rows[form] !== undefined)
}

/** The one profile of CSV (`core/rows.ts`): everything but NULL is quoted. */
function csvRows(columns: readonly Column[], cells: readonly Cells[]): Rows {
  const line = (row: Cells) => row.map((cell) => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`)).join(',')
  const text = cells.map((row) => `${line(row)}\n`).join('')
  return {
    columns,
    csv: () => [
      (async function* () {
        yield Buffer.from(text)
      })(),
    ],
  }
}

function given<Part>(part: Part | undefined): Part {
  if (part === undefined) throw new Error('a form vanished')
  return part
}
