import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import type { Cells } from './csv-cells.ts'

/** Records as JSON objects on one line each: numbers with every digit, JSON as it is, everything else as text. */
export class JsonEncoder {
  readonly #columns: readonly { readonly begin: string; readonly write: (text: string) => string }[]

  constructor(columns: readonly Column[]) {
    this.#columns = columns.map(({ name, type }, index) => ({
      begin: `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
      write: writerOf(type),
    }))
  }

  /** An object without a newline. */
  record(cells: Cells): string {
    let object = ''
    for (const [index, { begin, write }] of this.#columns.entries()) {
      const cell = cells[index] ?? null
      object += begin + (cell === null ? 'null' : write(cell))
    }
    return `${object}}`
  }
}

const number = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/

function writerOf(type: Type): (text: string) => string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'float':
      // JSON has no NaN and no infinity: these are texts.
      return (text) => (number.test(text) ? text : JSON.stringify(text))
    case 'boolean':
      return (text) => (text === 't' || text === 'true' ? 'true' : text === 'f' || text === 'false' ? 'false' : JSON.stringify(text))
    case 'json':
      // Newlines in JSON stand between values only, where a space means the same; rows stay on one line each.
      return (text) => text.replace(/[\r\n]+/g, ' ')
    default:
      return (text) => JSON.stringify(text)
  }
}
