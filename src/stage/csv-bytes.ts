import { canonicalText } from '../core/canonical.ts'
import type { Column } from '../core/table.ts'
import type { Type } from '../core/types.ts'
import type { Batch, Value } from '../core/value.ts'

/**
 * Batches as CSV of the profile in `Rows.csv`. Text through a file is how rows made in JavaScript get into DuckDB: measured
 * at 500k rows of 9 columns, writing the text takes 0.24 s and reading it 0.29 s, filling data chunks cell by cell 0.86 s.
 */
export async function* csvBytes(columns: readonly Column[], batches: AsyncIterable<Batch>): AsyncGenerator<Uint8Array> {
  const types = columns.map((column) => column.type)
  for await (const batch of batches) {
    // Large batches are cut so that no text grows past what a string can hold.
    for (let start = 0; start < batch.rows; start += 4096) yield Buffer.from(lines(batch, types, start, Math.min(start + 4096, batch.rows)))
  }
}

function lines(batch: Batch, types: readonly Type[], start: number, end: number): string {
  let text = ''
  for (let row = start; row < end; row++) {
    for (let column = 0; column < types.length; column++) {
      if (column > 0) text += ','
      text += cell(batch.cells[column]?.[row] ?? null, types[column])
    }
    text += '\n'
  }
  return text
}

const quoted = /[",\r\n\\]|^$/

function cell(value: Value, type: Type | undefined): string {
  if (value === null || type === undefined) return ''
  const text = typeof value === 'string' ? value : (canonicalText(value, type) ?? '')
  return quoted.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
