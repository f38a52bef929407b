import { identifier, literal } from '../duckdb/sql.ts'
import type { Engine } from './engine.ts'

/** How the texts of some columns become others: those of redacted ones are hidden, or shown again. */
export interface Translation {
  concerns(column: string): boolean
  translate(text: string, column: string): string
}

/** A column of texts: what it is called, and the name of the column whose cells it holds. */
export interface TextColumn {
  readonly name: string
  readonly column: string
}

/**
 * The same relation with translated texts, each distinct text once; NULL stays NULL.
 * @param from what stands behind FROM.
 * @returns what stands behind FROM instead; it is there as long as the stage is.
 */
export async function translated(
  engine: Engine,
  from: string,
  columns: readonly TextColumn[],
  translation: Translation | undefined,
): Promise<string> {
  const concerned = columns.filter(({ column }) => translation?.concerns(column))
  if (!translation || concerned.length === 0) return from
  const tables = new Map<string, string>()
  for (const column of new Set(concerned.map((one) => one.column))) {
    const names = concerned.filter((one) => one.column === column).map(({ name }) => name)
    tables.set(column, await translate(engine, from, names, (text) => translation.translate(text, column)))
  }
  const joins = concerned.map(
    ({ name, column }, at) => `LEFT JOIN ${identifier(tables.get(column) ?? '')} AS o${at} ON o${at}.text = t.${name}`,
  )
  const replaced = concerned.map(({ name }, at) => `o${at}.other AS ${name}`)
  return `(SELECT t.* REPLACE (${replaced.join(', ')}) FROM ${from} AS t ${joins.join(' ')})`
}

/** A table of the distinct texts of some columns and of what becomes of each. */
async function translate(engine: Engine, from: string, names: readonly string[], other: (text: string) => string): Promise<string> {
  const table = engine.name('translation')
  await engine.run(`CREATE TABLE ${identifier(table)} (text VARCHAR, other VARCHAR)`)
  const all = names.map((name) => `SELECT ${name} AS text FROM ${from}`).join(' UNION ALL ')
  for await (const rows of engine.textRows(`SELECT DISTINCT text FROM (${all}) WHERE text IS NOT NULL`)) {
    const values = rows.flatMap(([text]) => (text == null ? [] : [`(${literal(text)}, ${literal(other(text))})`]))
    await engine.run(`INSERT INTO ${identifier(table)} VALUES ${values.join(', ')}`)
  }
  return table
}
