import type { Column } from '../core/table.ts'

/** The form in which a key cell is equal to every other that the target takes for the same key (rule 2). */
export function folded(expression: string, column: Column): string {
  const { folding } = column
  const trimmed = folding?.pad ? `rtrim(${expression}, ' ')` : expression
  if (folding?.case === 'unicode') return `lower(${trimmed})`
  if (folding?.case === 'ascii') return `translate(${trimmed}, '${capitals}', '${capitals.toLowerCase()}')`
  return trimmed
}

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
