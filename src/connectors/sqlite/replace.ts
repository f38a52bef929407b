import type { DatabaseSync } from 'node:sqlite'
import { NotDirectError, RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Keep, Replaced } from '../connector.ts'
import { quoteName, quoteNames } from '../sql/quote.ts'
import { select } from './connection.ts'
import { tableName } from './describe.ts'
import { isRefusedRow, isUniqueConflict, notDirect } from './errors.ts'
import { copyFormer } from './former.ts'
import { type LoadTarget, load, writtenColumn } from './load.ts'
import { parkingAssignments, whileParked } from './parking.ts'
import { rowName } from './row-name.ts'
import { declaredType } from './types.ts'

/**
 * Makes the table hold exactly these rows. Where nothing acts on deletes the table is emptied and loaded: readers see
 * neither before the commit, and views, grants and names stay. Otherwise rows are loaded beside and merged in by key, so
 * that no row that stays is ever deleted (rule 14).
 */
export async function replaceRows(target: LoadTarget, rows: Rows, keep?: Keep): Promise<Replaced> {
  const former = countRows(target)
  const kept = keep && former > 0 ? { kept: copyFormer(target, keep) } : {}
  const replace = reactsToDeletes(target.table) ? merge : reload
  const hasStatistics = isAnalyzed(target)
  const loaded = await replace(target, rows)
  // Those of other rows mislead, while a file without any is meant to have none.
  if (hasStatistics) target.database.exec(`PRAGMA analysis_limit = 1000; ANALYZE ${target.into}`)
  return { former, rows: loaded, ...kept }
}

function isAnalyzed({ database, table }: LoadTarget): boolean {
  const [any] = select(database, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'")
  return any !== undefined && select(database, 'SELECT 1 FROM sqlite_stat1 WHERE tbl = ? LIMIT 1', tableName(table.ref)).length > 0
}

function countRows({ database, into }: LoadTarget): number {
  return Number(select(database, `SELECT count(*) FROM ${into}`)[0]?.[0])
}

/** Whether triggers or other tables' rows act on deletes. */
export function reactsToDeletes({ dependents }: Table): boolean {
  return dependents !== undefined && dependents.referencedBy.length + dependents.triggers.length > 0
}

/** Indexes are made anew after the load, which is faster than keeping them in step. */
async function reload(target: LoadTarget, rows: Rows): Promise<number> {
  const { database, into, table } = target
  const indexes = select(
    database,
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?",
    tableName(table.ref),
  )
  database.exec(`DELETE FROM ${into}`)
  for (const [name] of indexes) database.exec(`DROP INDEX ${quoteName(String(name))}`)
  const loaded = await load(target, rows)
  refusing(table, () => {
    for (const [, sql] of indexes) database.exec(String(sql))
  })
  return loaded
}

/** Loads into a table that only this connection sees, then deletes, updates and inserts what differs. */
async function merge(target: LoadTarget, rows: Rows): Promise<number> {
  const { database, table } = target
  const columns = rows.columns.map((column) => writtenColumn(table, column))
  const incoming = temporaryTable(database, columns)
  try {
    await load({ ...target, into: incoming }, rows)
    const names = columns.map((column) => column.name)
    const key = table.uniques.find((unique) => unique.every((name) => names.includes(name)))
    refusing(table, () => (key ? mergeByKey(target, incoming, names, key) : mergeByAllCells(target, incoming, names)))
    // A trigger may have swallowed some.
    return countRows(target)
  } finally {
    database.exec(`DROP TABLE ${incoming}`)
  }
}

function temporaryTable(database: DatabaseSync, columns: readonly Column[]): string {
  const cells = columns.map((column) => `${quoteName(column.name)} ${declaredType(column)}`).join(', ')
  database.exec(`CREATE TEMP TABLE "syncline_incoming" (${cells})`)
  return 'temp."syncline_incoming"'
}

function mergeByKey({ database, into, table }: LoadTarget, incoming: string, names: readonly string[], key: readonly string[]): void {
  const all = quoteNames(names)
  const row = knownBy(table)
  indexByKey(database, table, key)
  const sameKey = key.map((name) => `old.${quoteName(name)} = new.${quoteName(name)}`).join(' AND ')
  const differs = names.map((name) => `old.${quoteName(name)} COLLATE BINARY IS NOT new.${quoteName(name)}`).join(' OR ')
  database.exec(`DELETE FROM ${into} AS old WHERE NOT EXISTS (SELECT 1 FROM ${incoming} AS new WHERE ${sameKey})`)
  const parking = parkingAssignments(database, table, key)
  const set = names.map((name) => `${quoteName(name)} = new.${quoteName(name)}`).join(', ')
  const changed = `FROM ${incoming} AS new WHERE ${sameKey} AND (${differs})`
  inOneGo(database, `UPDATE ${into} AS old SET ${set} ${changed}`, () => {
    if (parking === undefined) return
    database.exec(
      `CREATE TEMP TABLE "syncline_parked" AS SELECT new.${row} AS number FROM ${into} AS old, ${incoming} AS new WHERE ${sameKey} AND (${differs})`,
    )
    const isParked = `FROM ${incoming} AS new WHERE ${sameKey} AND new.${row} IN (SELECT number FROM temp."syncline_parked")`
    whileParked(database, () => database.exec(`UPDATE ${into} AS old SET ${parking} ${isParked}`))
    database.exec(`UPDATE ${into} AS old SET ${set} ${isParked}; DROP TABLE temp."syncline_parked"`)
  })
  database.exec(
    `INSERT INTO ${into} (${all}) SELECT ${all} FROM ${incoming} AS new WHERE NOT EXISTS (SELECT 1 FROM ${into} AS old WHERE ${sameKey})`,
  )
}

/** @throws NotDirectError where two rows have what the table takes as one key. */
function indexByKey(database: DatabaseSync, table: Table, key: readonly string[]): void {
  const cells = key.map((name) => {
    const folding = table.columns.find((column) => column.name === name)?.folding
    return `${quoteName(name)}${folding?.case ? ' COLLATE NOCASE' : folding?.pad ? ' COLLATE RTRIM' : ''}`
  })
  database.exec(`CREATE UNIQUE INDEX temp."syncline_incoming_key" ON "syncline_incoming" (${cells.join(', ')})`)
}

/** Runs a statement; where rows collide on their way, it is taken back and `otherwise` is done. */
function inOneGo(database: DatabaseSync, statement: string, otherwise: () => void): void {
  try {
    database.exec(statement)
  } catch (thrown) {
    if (!isUniqueConflict(thrown)) throw thrown
    otherwise()
  }
}

/** Without a key, rows that are equal in every cell are told apart by their number among their equals. */
function mergeByAllCells({ database, into, table }: LoadTarget, incoming: string, names: readonly string[]): void {
  const all = quoteNames(names)
  const row = knownBy(table)
  const binary = names.map((name) => `${quoteName(name)} COLLATE BINARY`).join(', ')
  const number = quoteName('syncline:number')
  const numbered = (from: string) =>
    `SELECT ${row} AS "syncline:place", ${all}, row_number() OVER (PARTITION BY ${binary}) AS ${number} FROM ${from}`
  const cells = names.map((name) => `old.${quoteName(name)} COLLATE BINARY IS new.${quoteName(name)}`)
  const same = [...cells, `old.${number} = new.${number}`].join(' AND ')
  database.exec(`
    CREATE TEMP TABLE "syncline_old" AS ${numbered(into)};
    CREATE TEMP TABLE "syncline_new" AS ${numbered(incoming)};
    CREATE INDEX temp."syncline_old_cells" ON "syncline_old" (${all}, ${number});
    CREATE INDEX temp."syncline_new_cells" ON "syncline_new" (${all}, ${number});
    DELETE FROM ${into} WHERE ${row} IN (SELECT "syncline:place" FROM temp."syncline_old" AS old WHERE NOT EXISTS (SELECT 1 FROM temp."syncline_new" AS new WHERE ${same}));
    INSERT INTO ${into} (${all}) SELECT ${all} FROM temp."syncline_new" AS new WHERE NOT EXISTS (SELECT 1 FROM temp."syncline_old" AS old WHERE ${same});
    DROP TABLE temp."syncline_old"; DROP TABLE temp."syncline_new"`)
}

/** @throws RunError (`NO_ROW_NAME`) where columns hide all names that SQLite knows rows by. */
function knownBy({ columns, ref }: Table): string {
  const name = rowName(columns)
  if (name !== undefined) return name
  throw new RunError({
    code: 'NO_ROW_NAME',
    message: `rows of \`${ref.name}\` cannot be told apart: its columns have all names that SQLite knows rows by (rowid, _rowid_, oid)`,
    hint: 'rename one of them',
  })
}

function refusing(table: Table, action: () => void): void {
  try {
    action()
  } catch (thrown) {
    if (thrown instanceof NotDirectError || !isRefusedRow(thrown)) throw thrown
    throw notDirect(thrown, table.ref.name)
  }
}
