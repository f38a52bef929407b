import type { Column } from '../core/table.ts'
import { literal } from '../duckdb/sql.ts'
import { heldText, type StagedRelation } from './staged.ts'

/** A row as one line of JSON: numbers as they are, with every digit, documents nested, everything else as canonical text. */
export function jsonObject({ columns, held }: StagedRelation): string {
  const members = columns.map((column, index) => {
    const name = literal(`${index === 0 ? '{' : ','}${JSON.stringify(column.name)}:`)
    return `${name} || coalesce(${jsonValue(`c${index}`, held, column)}, 'null')`
  })
  return `${members.join(' || ')} || '}'`
}

function jsonValue(cell: string, held: StagedRelation['held'], column: Column): string {
  const text = heldText(cell, held, column)
  switch (column.type.kind) {
    case 'boolean':
    case 'integer':
      return text
    case 'decimal':
    case 'float':
      // JSON has no word for these.
      return `if(${text} IN ('NaN', 'Infinity', '-Infinity'), '"' || ${text} || '"', ${text})`
    case 'json':
      // A line break in a document can only stand between its parts; here a line is a row.
      return `replace(replace(${text}, chr(10), ' '), chr(13), ' ')`
    default:
      return `to_json(${text})::VARCHAR`
  }
}
