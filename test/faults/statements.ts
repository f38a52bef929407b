import type { Change, Row } from './content.ts'
import type { System } from './stores.ts'

/** Some hundred rows a statement. */
export function insertSql(system: System, table: string, rows: readonly Row[]): readonly string[] {
  const parts = Array.from({ length: Math.ceil(rows.length / 500) }, (_, index) => rows.slice(index * 500, index * 500 + 500))
  return parts.map((part) => `INSERT INTO ${table} VALUES ${part.map((row) => `(${valuesOf(system, row).join(', ')})`).join(', ')}`)
}

export function changeSql(system: System, table: string, { inserts, updates, deletes }: Change): readonly string[] {
  return [
    ...(deletes.length > 0 ? [`DELETE FROM ${table} WHERE id IN (${deletes.join(', ')})`] : []),
    ...updates.map((row) => updateSql(system, table, row)),
    ...insertSql(system, table, inserts),
  ]
}

function updateSql(system: System, table: string, row: Row): string {
  const [id, name, amount, note] = valuesOf(system, row)
  return `UPDATE ${table} SET name = ${name}, amount = ${amount}, note = ${note} WHERE id = ${id}`
}

function valuesOf(system: System, { id, name, amount, note }: Row): readonly string[] {
  return [String(id), name === null ? 'NULL' : literal(system, name), literal(system, amount), literal(system, note)]
}

function literal(system: System, text: string): string {
  const doubled = text.replaceAll("'", "''")
  return `'${system === 'MySQL' ? doubled.replaceAll('\\', '\\\\') : doubled}'`
}
