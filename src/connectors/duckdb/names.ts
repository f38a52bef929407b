import { ConfigError } from '../../core/errors.ts'
import { formatName, parseName } from '../../core/names.ts'
import type { TableRef } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'

export interface TableName {
  readonly schema: string
  readonly table: string
}

/**
 * `table` in the schema `main`, or `schema.table`.
 * @throws ConfigError where the name has more parts.
 */
export function tableName(ref: TableRef): TableName {
  const [first = '', second, ...more] = parseName(ref.name)
  if (more.length > 0) {
    throw new ConfigError({
      code: 'BAD_NAME',
      message: `\`${ref.name}\` is no table of a DuckDB file: names are table or schema.table`,
      hint: 'put double quotes around a part that holds a dot',
    })
  }
  return second === undefined ? { schema: 'main', table: first } : { schema: first, table: second }
}

/** The name as an address gives it: the schema only where it is not `main`. */
export function refName({ schema, table }: TableName): string {
  return formatName(schema === 'main' ? [table] : [schema, table])
}

/** The name in SQL. */
export function qualified({ schema, table }: TableName): string {
  return `${identifier(schema)}.${identifier(table)}`
}
