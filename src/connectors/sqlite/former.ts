import type { DatabaseSync } from 'node:sqlite'
import { formatName } from '../../core/names.ts'
import type { Keep, Kept } from '../connector.ts'
import { quoteName, quoteNames } from '../sql/quote.ts'
import { tooLarge } from '../sql/reserved.ts'
import { select } from './connection.ts'
import type { LoadTarget } from './load.ts'
import { declaredType } from './types.ts'

/** Copies the rows of a table that is about to be changed into one beside it; taken back where that takes more room than it may. */
export function copyFormer({ database, into, table }: LoadTarget, { name, bytes: most }: Keep): Kept {
  const columns = table.columns.filter(({ generated }) => !generated)
  const names = quoteNames(columns.map((column) => column.name))
  const beside = `main.${quoteName(name)}`
  const before = size(database)
  database.exec('SAVEPOINT syncline_former')
  database.exec(`CREATE TABLE ${beside} (${columns.map((column) => `${quoteName(column.name)} ${declaredType(column)}`).join(', ')})`)
  database.exec(`INSERT INTO ${beside} (${names}) SELECT ${names} FROM ${into}`)
  const bytes = size(database) - before
  if (bytes > most) database.exec('ROLLBACK TO syncline_former')
  database.exec('RELEASE syncline_former')
  return bytes > most ? tooLarge(bytes, { name, bytes: most }) : { table: { name: formatName([name]) }, bytes }
}

/** Drops what was kept under names that begin with `stem`, but for those that stay. */
export function dropKept(database: DatabaseSync, stem: string, staying: ReadonlySet<string>): void {
  const tables = select(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?) = ?", stem.length, stem)
  for (const [name] of tables) if (!staying.has(String(name))) database.exec(`DROP TABLE IF EXISTS main.${quoteName(String(name))}`)
}

/** Bytes of the pages that hold something. */
function size(database: DatabaseSync): number {
  const sql = 'SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size'
  return Number(select(database, sql)[0]?.[0] ?? 0)
}
