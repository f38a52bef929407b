import { identifier, literal } from '../../duckdb/sql.ts'
import type { Keep, Kept } from '../connector.ts'
import { tooLarge } from '../sql/reserved.ts'
import type { LoadTarget } from './load.ts'
import { qualified, refName, type TableName, tableName } from './names.ts'
import type { Work } from './work.ts'

/** Copies the rows of a table that is about to be changed into one beside it, where there is room: by what the table takes on disk. */
export async function copyFormer({ work, into, table }: LoadTarget, keep: Keep): Promise<Kept> {
  const { schema, table: name } = tableName(table.ref)
  const sql = `SELECT (count(DISTINCT block_id) * (SELECT block_size FROM pragma_database_size() WHERE database_name = current_database()))::VARCHAR
    FROM pragma_storage_info(${literal(`${identifier(schema)}.${identifier(name)}`)}) WHERE block_id >= 0`
  const [row] = await work.texts(sql)
  const bytes = Number(row?.[0] ?? 0)
  if (bytes > keep.bytes) return tooLarge(bytes, keep)
  const place = { schema, table: keep.name }
  await work.run(`CREATE TABLE ${qualified(place)} AS SELECT * FROM ${into}`)
  return { table: { name: refName(place) }, bytes }
}

/** Drops what was kept in a schema under names that begin with `stem`, but for those that stay. */
export async function dropKept(work: Work, { schema }: TableName, stem: string, staying: ReadonlySet<string>): Promise<void> {
  const tables = await work.texts(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = ${literal(schema)} AND starts_with(table_name, ${literal(stem)})`,
  )
  for (const [table] of tables) if (table && !staying.has(table)) await work.run(`DROP TABLE IF EXISTS ${qualified({ schema, table })}`)
}
