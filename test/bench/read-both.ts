import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'

// The limit of a mirror from CSV: both sides as typed DuckDB tables, nothing compared.

const folder = process.argv[2] ?? '.'
const connection = await (await DuckDBInstance.create(':memory:')).connect()
const types = `{id: 'BIGINT', customer_id: 'INTEGER', email: 'VARCHAR', status: 'VARCHAR', amount: 'DECIMAL(12,2)', qty: 'SMALLINT',
  note: 'VARCHAR', created_at: 'TIMESTAMPTZ', updated_at: 'TIMESTAMP'}`
for (const name of ['orders', 'target']) {
  await connection.run(`CREATE TABLE ${name} AS FROM read_csv('${join(folder, `${name}.csv`)}', header = true, columns = ${types})`)
}
