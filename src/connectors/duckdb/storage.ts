import type { Column } from '../../core/table.ts'
import { literal } from '../../duckdb/sql.ts'
import { textCast, textCell } from './cells.ts'
import type { Work } from './work.ts'

/** The texts as a column of this type stores and shows them; `null` for one that is no value of it. */
export async function storedTexts(work: Work, column: Column, texts: readonly string[]): Promise<readonly (string | null)[]> {
  if (texts.length === 0) return []
  const values = texts.map((text, index) => `(${index}, ${literal(text)})`).join(', ')
  const cast = textCast('given', column) ?? 'given'
  const shown = textCell({ ...column, name: 'stored' })
  const rows = await work.texts(
    `SELECT ${shown} FROM (SELECT place, ${cast} AS stored FROM (VALUES ${values}) AS texts(place, given)) ORDER BY place`,
  )
  return rows.map(([text]) => text ?? null)
}
