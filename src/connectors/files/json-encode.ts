import { NotDirectError } from '../../core/errors.ts'
import type { Column } from '../../core/table.ts'
import type { Cells } from './csv-cells.ts'

/** Records as JSON objects on one line each: numbers with every digit, JSON as it is, everything else as text. */
export class JsonEncoder {
  readonly #columns: readonly { readonly begin: string; readonly write: (text: string) => string }[]

  constructor(columns: readonly Column[]) {
    this.#columns = columns.map((column, index) => ({
      begin: `${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`,
      write: writerOf(column),
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

function writerOf({ name, type }: Column): (text: string) => string {
  switch (type.kind) {
    case 'integer':
    case 'decimal':
    case 'float':
      // JSON has no NaN and no infinity: these are texts.
      return (text) => (number.test(text) ? text : JSON.stringify(text))
    case 'boolean':
      return (text) => (text === 't' || text === 'true' ? 'true' : text === 'f' || text === 'false' ? 'false' : JSON.stringify(text))
    case 'json':
      return (text) => documentOf(text, name)
    default:
      return (text) => JSON.stringify(text)
  }
}

/** The document as it stands, on one line: newlines in JSON stand between values only, where a space means the same. */
function documentOf(text: string, column: string): string {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw new NotDirectError({ code: 'NOT_EXACT', message: `column ${column} holds a text that is no JSON`, cause })
  }
  return text.replace(/[\r\n]+/g, ' ')
}
