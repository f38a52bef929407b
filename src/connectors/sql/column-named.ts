import { ConfigError } from '../../core/errors.ts'
import type { Column } from '../../core/table.ts'

/** @throws ConfigError naming the columns that exist. */
export function columnNamed(columns: readonly Column[], name: string): Column {
  const column = columns.find((candidate) => candidate.name === name)
  if (column) return column
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `there is no column \`${name}\``,
    hint: `columns are ${columns.map((known) => known.name).join(', ')}`,
  })
}
