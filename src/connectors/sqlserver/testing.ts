import type { Column } from '../../core/table.ts'
import type { Relation, RelationColumn } from './relation.ts'
import { parseDeclaration } from './system-type.ts'
import { canonicalType } from './types.ts'

/** For tests: a column as the catalog would tell it. */
export function relationColumnOf(
  name: string,
  declared: string,
  more: Partial<Column> & { readonly collation?: string } = {},
): RelationColumn {
  const parsed = parseDeclaration(declared)
  if (!parsed) throw new Error(`${declared} is no declaration`)
  const { collation, ...facts } = more
  const type = collation === undefined ? parsed : { ...parsed, collation }
  return { type, column: { name, type: canonicalType(type), nullable: true, native: { system: 'sqlserver', name: declared }, ...facts } }
}

export function relationOf(columns: readonly RelationColumn[], key: readonly string[]): Relation {
  return { id: 1093578934, name: { schema: 'dbo', name: 'prices' }, kind: 'table', columns, key, uniques: key.length === 0 ? [] : [key] }
}
