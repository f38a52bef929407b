import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import type { Keep, Replaced } from '../connector.ts'
import { copyFormer } from './former.ts'
import { incomingRows, writtenColumn } from './incoming.ts'
import { type LoadTarget, load, refusing } from './load.ts'
import { type TableName, tableName } from './names.ts'

/**
 * Makes the table hold exactly these rows. Where no foreign key points at it they are loaded into a table of the same
 * statement, which takes its place and its indexes; views know tables by name. (Deleting a million indexed rows took
 * DuckDB 1.5 over a minute.) Otherwise rows are merged in, so that no row that stays is deleted.
 */
export async function replaceRows(target: LoadTarget, rows: Rows, keep?: Keep): Promise<Replaced> {
  const { work, into, table } = target
  const [count] = await work.texts(`SELECT count(*)::VARCHAR FROM ${into}`)
  const hangs = (table.dependents?.referencedBy.length ?? 0) > 0
  const former = Number(count?.[0])
  const kept = keep && former > 0 ? { kept: await copyFormer(target, keep) } : {}
  return { former, rows: hangs ? await merge(target, rows) : await swap(target, rows), ...kept }
}

async function swap(target: LoadTarget, rows: Rows): Promise<number> {
  const { work, into, table } = target
  const name = tableName(table.ref)
  const beside = `${identifier(name.schema)}."_syncline_new"`
  const { create, indexes } = await statements(target, name)
  await work.run(create.replace(/^CREATE TABLE (?:"(?:[^"]|"")*"|[^"(])+\(/, `CREATE TABLE ${beside}(`))
  const loaded = await load({ ...target, into: beside }, rows)
  await work.run(`DROP TABLE ${into}`)
  await work.run(`ALTER TABLE ${beside} RENAME TO ${identifier(name.table)}`)
  for (const index of indexes) await refusing(target, index)
  return loaded
}

async function statements(
  { work }: LoadTarget,
  name: TableName,
): Promise<{ readonly create: string; readonly indexes: readonly string[] }> {
  const isIt = `database_name = current_database() AND schema_name = ${literal(name.schema)} AND table_name = ${literal(name.table)}`
  const [table] = await work.texts(`SELECT sql FROM duckdb_tables() WHERE ${isIt}`)
  const indexes = await work.texts(`SELECT sql FROM duckdb_indexes() WHERE ${isIt} AND sql IS NOT NULL`)
  return { create: table?.[0] ?? '', indexes: indexes.map(([sql]) => sql ?? '') }
}

/** Deletes, updates and inserts what differs, by the first key that the rows have in full. */
async function merge(target: LoadTarget, rows: Rows): Promise<number> {
  const { work, directory, into, table } = target
  const columns = rows.columns.map((column) => writtenColumn(table, column))
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const unique = [table.key, ...table.uniques].find(
    (set) => set.length > 0 && set.every((name) => columns.some((column) => column.name === name)),
  )
  // A foreign key can only point at a unique constraint; where the rows lack its columns, whole rows are compared.
  const key = unique ?? columns.map((column) => column.name)
  await using incoming = await incomingRows(work, directory, rows, columns)
  const loaded = await refusing(target, `CREATE TEMP TABLE syncline_incoming AS SELECT * FROM ${incoming.sql}`)
  await refusing(target, `CREATE UNIQUE INDEX syncline_incoming_key ON syncline_incoming (${key.map(identifier).join(', ')})`)
  const sameKey = key.map((name) => `old.${identifier(name)} IS NOT DISTINCT FROM new.${identifier(name)}`).join(' AND ')
  await refusing(target, `DELETE FROM ${into} AS old WHERE NOT EXISTS (SELECT 1 FROM syncline_incoming AS new WHERE ${sameKey})`)
  await updateChanged(
    target,
    columns.filter((column) => !key.includes(column.name)),
    sameKey,
  )
  await refusing(
    target,
    `INSERT INTO ${into} (${names}) SELECT ${names} FROM syncline_incoming AS new WHERE NOT EXISTS (SELECT 1 FROM ${into} AS old WHERE ${sameKey})`,
  )
  await work.run('DROP TABLE syncline_incoming')
  return loaded
}

/** Column by column: DuckDB writes a row anew where an indexed column is set, even to what it holds, and then finds it referenced. */
async function updateChanged(target: LoadTarget, columns: readonly Column[], sameKey: string): Promise<void> {
  for (const { name } of columns) {
    const cell = identifier(name)
    const changed = `${sameKey} AND old.${cell} IS DISTINCT FROM new.${cell}`
    await refusing(target, `UPDATE ${target.into} AS old SET ${cell} = new.${cell} FROM syncline_incoming AS new WHERE ${changed}`)
  }
}
