import { ConfigError, RunError } from '../../core/errors.ts'
import type { Table } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { describeTable } from './describe.ts'
import { qualified, tableName } from './names.ts'
import { nativeType } from './types.ts'
import type { Work } from './work.ts'

/** Creates the table, or adds the columns that it lacks. @returns the statements that were run. */
export async function ensureTable(work: Work, table: Table): Promise<readonly string[]> {
  const existing = await describeTable(work, table.ref)
  if (existing?.kind === 'view') {
    throw new RunError({
      code: 'NOT_A_TABLE',
      message: `\`${table.ref.name}\` is a view; only tables can be written`,
      hint: 'name a table as the target',
    })
  }
  const statements = existing ? addedColumns(existing, table) : [await createTable(work, table)]
  for (const statement of statements) await work.run(statement)
  return statements
}

async function createTable(work: Work, table: Table): Promise<string> {
  const name = tableName(table.ref)
  const [other] = await work.texts(`
    SELECT table_name FROM duckdb_tables() WHERE schema_name = ${literal(name.schema)} AND lower(table_name) = lower(${literal(name.table)}) AND database_name = current_database()`)
  if (other) {
    throw new ConfigError({
      code: 'NAME_TAKEN',
      message: `\`${name.table}\` cannot be created: DuckDB takes it for \`${other[0]}\`, which exists`,
      hint: 'use the name in its own case',
    })
  }
  const columns = table.columns.map((column) => {
    const notNull = !column.nullable || table.key.includes(column.name)
    return `${identifier(column.name)} ${nativeType(column)}${notNull ? ' NOT NULL' : ''}`
  })
  const key = table.key.length === 0 ? [] : [`PRIMARY KEY (${table.key.map(identifier).join(', ')})`]
  return `CREATE TABLE ${qualified(name)} (${[...columns, ...key].join(', ')})`
}

/** The rows that are there have no value for a new column, so it is added nullable. */
function addedColumns(existing: Table, table: Table): readonly string[] {
  const known = new Set(existing.columns.map((column) => column.name.toLowerCase()))
  return table.columns
    .filter((column) => !column.generated && !known.has(column.name.toLowerCase()))
    .map((column) => `ALTER TABLE ${qualified(tableName(table.ref))} ADD COLUMN ${identifier(column.name)} ${nativeType(column)}`)
}
