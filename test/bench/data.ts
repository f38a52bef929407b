import type { Client } from 'pg'

export const columns = 'id, customer_id, email, status, amount, qty, note, created_at, updated_at'

/** A table of orders: nine mixed columns, about 115 bytes a row as CSV. */
export async function createOrders(client: Client, table: string, rows: number): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  await client.query(ddl(table))
  await client.query(
    `INSERT INTO ${table}
     SELECT i, ((i * 7919) % 500000)::int, 'user' || ((i * 7919) % 500000) || '@example.com',
            (ARRAY['new', 'paid', 'shipped', 'done', 'void'])[(1 + i % 5)::int], (i * 37 % 1000000) / 100.0, (i % 9)::smallint,
            CASE WHEN i % 4 = 0 THEN NULL WHEN i % 17 = 0 THEN '' ELSE repeat(chr(97 + (i % 26)::int), (i % 40)::int) END,
            timestamptz '2024-01-01' + (i || ' seconds')::interval + ((i * 131) % 1000000 || ' microseconds')::interval,
            timestamp '2025-01-01' + (i % 31536000 || ' seconds')::interval
     FROM generate_series(1::bigint, $1::bigint) i`,
    [rows],
  )
  await client.query(`VACUUM ANALYZE ${table}`)
}

/** An empty table of the same shape, its key in place. */
export async function createEmpty(client: Client, table: string): Promise<void> {
  await client.query(`DROP TABLE IF EXISTS ${table}`)
  await client.query(ddl(table))
}

/** A copy of `from` with 1% of the rows updated, one in a thousand deleted and as many inserted. */
export async function createChanged(client: Client, table: string, from: string): Promise<void> {
  await createEmpty(client, table)
  await client.query(`INSERT INTO ${table} SELECT * FROM ${from} WHERE id % 1000 <> 7`)
  await change(client, table, from)
}

async function change(client: Client, table: string, from: string): Promise<void> {
  await client.query(`UPDATE ${table} SET amount = amount + 1, updated_at = '2026-06-01' WHERE id % 100 = 3`)
  await client.query(
    `INSERT INTO ${table} SELECT id + ${beyond(from)}, customer_id, email, status, amount, qty, note, created_at, '2026-06-01' FROM ${from} WHERE id % 1000 = 9`,
  )
  await client.query(`VACUUM ANALYZE ${table}`)
}

/** The same of a copy that is there, or that runs have changed since: it costs less than a new one. */
export async function scatter(client: Client, table: string, from: string): Promise<void> {
  const { rows } = await client.query(`SELECT to_regclass('${table}') AS found, (SELECT count(*) FROM ${from}) AS wanted`)
  const { rows: held } = rows[0]?.found === null ? { rows: [] } : await client.query(`SELECT count(*) AS n FROM ${table}`)
  if (Math.abs(Number(held[0]?.n ?? 0) - Number(rows[0]?.wanted)) > Number(rows[0]?.wanted) / 50)
    return await createChanged(client, table, from)
  await client.query(`DELETE FROM ${table} WHERE id > ${beyond(from)} OR id % 1000 = 7 OR id % 100 = 3`)
  await client.query(`INSERT INTO ${table} SELECT * FROM ${from} WHERE id % 100 = 3`)
  await change(client, table, from)
}

/** Past the last key of a table, and as far again as half of its keys reach: what is added there leaves a gap. */
function beyond(table: string): string {
  return `(SELECT 3 * max(id) / 2 FROM ${table})`
}

function ddl(table: string): string {
  return `CREATE TABLE ${table} (
    id bigint PRIMARY KEY, customer_id int NOT NULL, email text NOT NULL, status text NOT NULL, amount numeric(12,2) NOT NULL,
    qty smallint, note text, created_at timestamptz NOT NULL, updated_at timestamp NOT NULL)`
}
