import { ConfigError } from '../../core/errors.ts'
import type { Relation, RelationColumn } from './relation.ts'

/** @throws ConfigError naming the column that does not exist. */
export function requestedColumns(relation: Relation, names: readonly string[] | undefined): readonly RelationColumn[] {
  if (!names) return relation.columns
  return names.map((name) => findColumn(relation, name))
}

/** @throws ConfigError naming the column that does not exist. */
export function findColumn(relation: Relation, name: string): RelationColumn {
  const found = relation.columns.find(({ column }) => column.name === name)
  if (found) return found
  throw new ConfigError({
    code: 'COLUMN_NOT_FOUND',
    message: `${relation.kind === 'q' ? 'the query' : `\`${relation.name.schema}.${relation.name.name}\``} has no column \`${name}\``,
    hint: `its columns are ${relation.columns.map(({ column }) => column.name).join(', ')}`,
  })
}
