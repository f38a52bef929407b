import { RunError } from '../../core/errors.ts'
import type { Cells } from './csv-cells.ts'
import { type Dialect, isMisleading } from './csv-dialect.ts'

export interface CsvStyle {
  readonly dialect: Dialect
  readonly newline: '\n' | '\r\n'
  /** Unquoted texts that mean NULL, the first of which is written. */
  readonly nulls: readonly string[]
}

/** Records as CSV text in any dialect. */
export class CsvEncoder {
  readonly #style: CsvStyle
  readonly #names: readonly string[]
  readonly #special: RegExp

  /** @param names the columns, for messages. */
  constructor(style: CsvStyle, names: readonly string[]) {
    this.#style = style
    this.#names = names
    const { delimiter, quote } = style.dialect
    this.#special = new RegExp(`[\\r\\n${escaped(delimiter)}${escaped(quote)}]|^\\\\\\.$`)
  }

  /** Names that could be taken for values, or for several names, are quoted: the file is known again without being told about it. */
  header(): string {
    const { dialect, newline } = this.#style
    const fields = this.#names.map((name, index) =>
      dialect.quote !== '' && isMisleading(name) ? this.#quoted(name) : this.#field(name, index),
    )
    return fields.join(dialect.delimiter) + newline
  }

  /** @throws RunError where a text cannot be written without quotes and the dialect has none. */
  record(cells: Cells): string {
    const { dialect, newline } = this.#style
    return cells.map((cell, index) => this.#field(cell, index)).join(dialect.delimiter) + newline
  }

  #field(cell: string | null, index: number): string {
    const { dialect, nulls } = this.#style
    if (cell === null) return nulls[0] ?? ''
    if (cell !== '' && !nulls.includes(cell) && !this.#special.test(cell)) return cell
    if (dialect.quote === '') throw unquotable(this.#names[index] ?? `column ${index + 1}`)
    return this.#quoted(cell)
  }

  #quoted(text: string): string {
    const { quote } = this.#style.dialect
    return quote + text.replaceAll(quote, quote + quote) + quote
  }
}

function escaped(character: string): string {
  return character.replace(/[\\\]^-]/, '\\$&')
}

function unquotable(column: string): RunError {
  return new RunError({
    code: 'CANNOT_HOLD',
    message: `column ${column} holds a text that has to be quoted (empty, or with a delimiter or a newline), and the file has no quotes`,
    hint: 'leave out `quote: ""`',
  })
}
