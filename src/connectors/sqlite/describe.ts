import type { DatabaseSync } from 'node:sqlite'
import { ConfigError } from '../../core/errors.ts'
import { parseName } from '../../core/names.ts'
import type { Column, Dependents, KeyFolding, Reference, Table, TableRef } from '../../core/table.ts'
import { matchesPattern } from '../sql/pattern.ts'
import { quoteName } from '../sql/quote.ts'
import { isReserved } from '../sql/reserved.ts'
import { select } from './connection.ts'
import { rowName } from './row-name.ts'
import { columnOf } from './types.ts'

/** Tables and views, in name order; SQLite's and Syncline's own are hidden. */
export function listTables(database: DatabaseSync, pattern?: string): readonly TableRef[] {
  const names = select(
    database,
    "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual') ORDER BY name",
  )
  return names
    .map(([name]) => String(name))
    .filter((name) => !name.startsWith('sqlite_') && !isReserved(name) && matchesPattern(name, pattern))
    .map((name) => ({ name: /[."]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name }))
}

/**
 * The table's name in the file. One part: SQLite has no schemas worth naming.
 * @throws ConfigError where the name has several parts.
 */
export function tableName(ref: TableRef): string {
  const [name, ...more] = parseName(ref.name)
  if (name !== undefined && more.length === 0) return name
  throw new ConfigError({
    code: 'BAD_NAME',
    message: `\`${ref.name}\` is no table of SQLite: its tables have names of one part`,
    hint: 'put double quotes around a name that holds a dot',
  })
}

/** Columns, key and what hangs on one table or view; `undefined` where there is none of exactly that name. */
export function describeTable(database: DatabaseSync, ref: TableRef): Table | undefined {
  const name = tableName(ref)
  const [found] = select(database, "SELECT type, wr, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?", name)
  if (!found) return undefined
  const isView = found[0] === 'view'
  const facts = columnFacts(database, name, found[2] === 1n)
  const key = facts.filter((fact) => fact.key > 0).sort((a, b) => a.key - b.key)
  const rowid = found[1] === 0n && !isView
  const alias = rowid && key.length === 1 && key[0]?.declared.toUpperCase() === 'INTEGER' ? key[0].name : undefined
  const columns = describeColumns(database, name, facts, { alias, keyIsNotNull: found[1] === 1n })
  const rows = rowid && alias === undefined ? estimate(database, name, rowName(columns)) : undefined
  return {
    ref,
    kind: isView ? 'view' : 'table',
    columns,
    key: key.map((fact) => fact.name),
    uniques: uniques(database, name, columns, alias),
    ...(rows === undefined ? {} : { rows }),
    ...(isView ? {} : { dependents: dependents(database, name), references: references(database, name) }),
  }
}

/** One row of `pragma table_xinfo`. */
interface ColumnFact {
  readonly name: string
  readonly declared: string
  readonly notNull: boolean
  readonly defaulted: boolean
  /** Its place in the primary key, from 1; 0 for none. */
  readonly key: number
  readonly generated: boolean
}

function columnFacts(database: DatabaseSync, table: string, strict: boolean): readonly ColumnFact[] {
  const rows = select(
    database,
    'SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid',
    table,
  )
  return rows.map(([name, type, notNull, defaulted, key, hidden]) => ({
    name: String(name),
    declared: declaredAs(String(type), strict),
    notNull: notNull === 1n,
    defaulted: defaulted === 1n,
    key: Number(key),
    generated: hidden === 2n || hidden === 3n,
  }))
}

/** The type of a generated column ends in the first words of its constraint; ANY of a STRICT table is no type at all. */
function declaredAs(type: string, strict: boolean): string {
  const declared = type.replace(/ ?GENERATED ALWAYS$/i, '')
  return strict && declared.toUpperCase() === 'ANY' ? '' : declared
}

interface KeyFacts {
  /** The column that is the table's rowid under another name. */
  readonly alias: string | undefined
  readonly keyIsNotNull: boolean
}

function describeColumns(database: DatabaseSync, table: string, facts: readonly ColumnFact[], key: KeyFacts): readonly Column[] {
  const foldings = columnFoldings(database, table, facts)
  return facts.map((fact, index) => {
    const isAlias = fact.name === key.alias
    const folding = foldings[index]
    return {
      ...columnOf(fact.name, fact.declared, !(fact.notNull || isAlias || (key.keyIsNotNull && fact.key > 0))),
      ...(fact.generated ? { generated: true } : {}),
      ...(fact.defaulted || fact.generated || isAlias ? { defaulted: true } : {}),
      ...(folding === undefined ? {} : { folding }),
    }
  })
}

/**
 * How each column compares texts. No pragma tells a column's collation, but the plan of a sort does: its key is written as
 * `k(3,NOCASE,RTRIM,B)`, one collation a column.
 */
function columnFoldings(database: DatabaseSync, table: string, facts: readonly ColumnFact[]): readonly (KeyFolding | undefined)[] {
  const [mentions] = select(database, "SELECT 1 FROM sqlite_schema WHERE sql LIKE '%collate%' LIMIT 1")
  if (!mentions) return []
  const order = facts.map((fact) => `+${quoteName(fact.name)}`).join(', ')
  const plan = select(database, `EXPLAIN SELECT 1 FROM ${quoteName(table)} ORDER BY ${order}`)
  const key = plan.find((step) => step[1] === 'SorterOpen' || step[1] === 'OpenEphemeral')?.[5]
  const [, collations = ''] = /^k\(\d+,(.*)\)$/.exec(String(key)) ?? []
  return collations.split(',').map((collation) => foldingOf(collation.replace(/^-/, '')))
}

function foldingOf(collation: string): KeyFolding | undefined {
  if (collation === 'NOCASE') return { case: 'ascii' }
  return collation === 'RTRIM' ? { pad: true } : undefined
}

/** Unique indexes without a condition or an expression, whose columns are all not null. */
function uniques(
  database: DatabaseSync,
  table: string,
  columns: readonly Column[],
  alias: string | undefined,
): readonly (readonly string[])[] {
  const sets = uniqueIndexes(database, table).map((index) => index.columns)
  const notNull = new Set(columns.filter((column) => !column.nullable).map((column) => column.name))
  return [...(alias === undefined ? [] : [[alias]]), ...sets].filter((set) => set.every((name) => notNull.has(name)))
}

/** Every unique index of a table that covers all rows and stands on columns alone, the primary key's first. */
function uniqueIndexes(database: DatabaseSync, table: string): readonly { readonly name: string; readonly columns: readonly string[] }[] {
  const indexes = select(
    database,
    `SELECT name FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0 ORDER BY origin = 'pk' DESC, seq DESC`,
    table,
  )
  return indexes
    .map(([name]) => ({
      name: String(name),
      cells: select(database, 'SELECT name FROM pragma_index_info(?) ORDER BY seqno', String(name)),
    }))
    .filter(({ cells }) => cells.every(([column]) => column !== null))
    .map(({ name, cells }) => ({ name, columns: cells.map(([column]) => String(column)) }))
}

function dependents(database: DatabaseSync, table: string): Dependents {
  const named = (type: string, condition: string) =>
    select(database, `SELECT name FROM sqlite_schema WHERE type = '${type}' AND ${condition} ORDER BY name`, table).map(([name]) =>
      String(name),
    )
  const references = select(
    database,
    `SELECT child.name || '.' || reference.id, reference.on_delete, reference.on_update
     FROM sqlite_schema AS child, pragma_foreign_key_list(child.name) AS reference
     WHERE child.type = 'table' AND reference.seq = 0 AND reference."table" = ? COLLATE NOCASE ORDER BY 1`,
    table,
  )
  const acting = references.filter(([, onDelete, onUpdate]) => [onDelete, onUpdate].some((action) => /CASCADE|SET/.test(String(action))))
  return {
    views: named('view', 'instr(lower(sql), lower(?)) > 0'),
    referencedBy: references.map(([name]) => String(name)),
    cascades: acting.map(([name]) => String(name)),
    triggers: named('trigger', 'tbl_name = ? COLLATE NOCASE'),
    others: [],
  }
}

/** A key that names no columns points to the primary key. A session judges all of them at its commit. */
function references(database: DatabaseSync, table: string): readonly Reference[] {
  const rows = select(
    database,
    'SELECT id, "table", "from", coalesce("to", (SELECT name FROM pragma_table_info("table") WHERE pk = seq + 1)) FROM pragma_foreign_key_list(?) ORDER BY id, seq',
    table,
  )
  const byKey = Map.groupBy(rows, ([id]) => String(id))
  return [...byKey].map(([id, cells]) => {
    const parent = String(cells[0]?.[1])
    return {
      name: `${table}.${id}`,
      columns: cells.map((cell) => String(cell[2])),
      table: parent,
      foreignColumns: cells.map((cell) => String(cell[3])),
      ...(parent.toLowerCase() === table.toLowerCase() ? { self: true } : {}),
      judged: 'commit' as const,
    }
  })
}

/** Rows are numbered from 1 where nobody gives the numbers: finding the last costs one step down the tree. */
function estimate(database: DatabaseSync, table: string, row: string | undefined): number | undefined {
  if (row === undefined) return undefined
  const [last] = select(database, `SELECT max(${row}) FROM ${quoteName(table)}`)
  return typeof last?.[0] === 'bigint' ? Number(last[0]) : undefined
}
