import type { Rows } from '../../core/rows.ts'
import type { Table } from '../../core/table.ts'
import { identifier } from '../../duckdb/sql.ts'
import { isRefusedRow, notDirect, translate } from './errors.ts'
import { incomingRows, writtenColumn } from './incoming.ts'
import type { Work } from './work.ts'

/** Where rows are written. */
export interface LoadTarget {
  readonly work: Work
  /** A directory of this run. */
  readonly directory: string
  /** Quoted, with its schema. */
  readonly into: string
  readonly table: Table
}

/**
 * Inserts every row.
 * @throws NotDirectError where a row is refused.
 */
export async function load(target: LoadTarget, rows: Rows): Promise<number> {
  const { work, directory, into, table } = target
  const columns = rows.columns.map((column) => writtenColumn(table, column))
  await using incoming = await incomingRows(work, directory, rows, columns)
  const names = columns.map((column) => identifier(column.name)).join(', ')
  return await refusing(target, `INSERT INTO ${into} (${names}) SELECT ${names} FROM ${incoming.sql}`)
}

/** Runs a statement whose failure at a row means that the stage must judge. */
export async function refusing({ work, table }: LoadTarget, sql: string): Promise<number> {
  try {
    return await work.raw(sql)
  } catch (thrown) {
    work.throwIfAborted()
    throw isRefusedRow(thrown) ? notDirect(thrown, table.ref.name) : translate(thrown, work.path)
  }
}
