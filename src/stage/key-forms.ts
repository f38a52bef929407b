import type { Column } from '../core/table.ts'
import { identifier } from '../duckdb/sql.ts'
import type { Conforming } from './contract.ts'
import type { Engine } from './engine.ts'
import { answersTo } from './judge.ts'

type Ask = NonNullable<Conforming['keyForms']>

/** A cell of a key, as SQL over the rows that are meant. */
export interface KeyCell {
  readonly column: Column
  readonly text: string
}

/** Rows, as what stands behind FROM, and the cells of their keys. */
export interface KeyedRows {
  readonly from: string
  readonly cells: readonly KeyCell[]
}

/**
 * What the target takes texts of its keys as, where only the target knows (rule 2). It is asked once a text turns up that the
 * stage cannot fold by itself, and from then on about every text of that column.
 */
export class KeyForms {
  readonly #engine: Engine
  readonly #asks = new Map<string, Ask>()
  /** Tables of `text` and `answer`, by the column's name. */
  readonly #tables = new Map<string, string>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** From now on the column's texts can be asked about. */
  learnFrom(column: string, ask: Ask): void {
    this.#asks.set(column, ask)
  }

  /** Asks about the keys of all these rows, as far as that is needed. */
  async learn(...all: readonly KeyedRows[]): Promise<void> {
    const named = new Map(all.flatMap(({ cells }) => cells.map(({ column }) => [column.name, column])))
    for (const [name, column] of named) {
      const ask = this.#asks.get(name)
      if (!ask || column.folding?.told === undefined) continue
      const texts = all.flatMap(({ from, cells }) =>
        cells.flatMap((cell) => (cell.column.name === name ? [`SELECT ${cell.text} AS text FROM ${from}`] : [])),
      )
      if (this.#tables.has(name) || column.folding.told === 'all' || (await this.#anyPastAscii(texts))) await this.#ask(name, texts, ask)
    }
  }

  /** Whether keys of this column are compared by what the target takes them as. */
  has(column: string): boolean {
    return this.#tables.has(column)
  }

  /** The rows, and in `k0`, `k1` … the forms of those cells of their keys that have some, by position; learned before. */
  with({ from, cells }: KeyedRows): string {
    const asked = cells.flatMap(({ column, text }, at) => {
      const table = this.#tables.get(column.name)
      return table === undefined ? [] : [{ text, at, table: identifier(table) }]
    })
    if (asked.length === 0) return from
    const forms = asked.map(({ at }) => `f${at}.answer AS k${at}`)
    const joins = asked.map(({ text, at, table }) => `LEFT JOIN ${table} AS f${at} ON f${at}.text = ${text}`)
    return `(SELECT r.*, ${forms.join(', ')} FROM ${from} AS r ${joins.join(' ')})`
  }

  async #anyPastAscii(texts: readonly string[]): Promise<boolean> {
    const past = texts.map((query) => `(SELECT 1 FROM (${query}) WHERE NOT regexp_full_match(text, '[ -~]*') LIMIT 1)`)
    return (await this.#engine.texts(past.join(' UNION ALL '))).length > 0
  }

  async #ask(name: string, texts: readonly string[], ask: Ask): Promise<void> {
    const known = this.#tables.get(name)
    const fresh = known === undefined ? '' : ` WHERE text NOT IN (SELECT text FROM ${identifier(known)})`
    const answers = await answersTo(this.#engine, `SELECT text FROM (${texts.join(' UNION ')})${fresh}`, ask)
    if (known === undefined) {
      this.#tables.set(name, answers)
      return
    }
    await this.#engine.run(`INSERT INTO ${identifier(known)} SELECT text, answer FROM ${identifier(answers)}`)
    await this.#engine.drop(answers)
  }
}
