import type { Applied, ChangeKind, ChangeSet, Moved, Refused } from '../../core/changes.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Value } from '../../core/value.ts'
import { identifier } from '../../duckdb/sql.ts'
import { splitUpdateColumns } from '../sql/before-image.ts'
import { mostRefused, refusesTooMany } from '../sql/refusal.ts'
import { textCell } from './cells.ts'
import { breaking, brokenText, constraintsOf, heldNumber } from './constraints.ts'
import { incomingRows, writtenColumn } from './incoming.ts'
import type { LoadTarget } from './load.ts'

interface Outcome {
  readonly changed: number
  readonly moved: readonly Moved[]
  readonly refused: readonly Refused[]
}

const nothing: Outcome = { changed: 0, moved: [], refused: [] }

/**
 * Applies changes to the rows that still are as their before images say, each kind in one statement. Deletes come first,
 * because they free what others may take. DuckDB ends a transaction in which a row is refused, so that rows which break a
 * constraint are looked for before they are written.
 */
export async function applyChanges(target: LoadTarget, changes: ChangeSet): Promise<Applied> {
  const deleted = changes.deletes.count === 0 ? nothing : await applyDeletes(target, changes)
  const updated = changes.updates.count === 0 ? nothing : await applyUpdates(target, changes)
  const inserted = changes.inserts.count === 0 ? nothing : await applyInserts(target, changes)
  const refused = [...updated.refused, ...inserted.refused]
  return {
    inserted: inserted.changed,
    updated: updated.changed,
    deleted: deleted.changed,
    moved: [...deleted.moved, ...updated.moved, ...inserted.moved],
    ...(refused.length === 0 ? {} : { refused }),
  }
}

async function applyDeletes(target: LoadTarget, changes: ChangeSet): Promise<Outcome> {
  const { work, into, table } = target
  const columns = changes.deletes.columns.map((column) => tableColumn(table, column))
  await hold(target, 'syncline_deletes', changes.deletes, columns)
  const hits = changes.key.length > 0 ? rowsAsBefore(into, 'syncline_deletes', columns, '') : equalRows(target, columns)
  await work.run(`CREATE TEMP TABLE syncline_hits AS ${hits}`)
  const moved = await missed(target, 'delete', 'syncline_deletes', keyColumns(table, changes), '')
  const gone =
    changes.key.length > 0
      ? `EXISTS (SELECT 1 FROM syncline_deletes AS rows WHERE ${sameCells(columns, 'target', 'rows', '')})`
      : 'rowid IN (SELECT place FROM syncline_hits)'
  const changed = await work.run(`DELETE FROM ${into} AS target WHERE ${gone}`)
  await work.run('DROP TABLE syncline_deletes; DROP TABLE syncline_hits')
  return { changed, moved, refused: [] }
}

async function applyUpdates(target: LoadTarget, changes: ChangeSet): Promise<Outcome> {
  const { work, into, table } = target
  const split = splitUpdateColumns(changes.updates.columns)
  const after = split.after.map((column) => writtenColumn(table, column))
  const before = split.before.map((column) => tableColumn(table, column))
  await hold(target, 'syncline_updates', changes.updates, [...after, ...before.map((column) => ({ ...column, name: beforeName(column) }))])
  await work.run(`CREATE TEMP TABLE syncline_hits AS ${rowsAsBefore(into, 'syncline_updates', before, 'before:')}`)
  const key = keyColumns(table, changes)
  const moved = await missed(target, 'update', 'syncline_updates', key, 'before:')
  const told = key.map((column) => ({ ...column, name: beforeName(column) }))
  const others = `(SELECT * FROM ${into} AS target WHERE NOT EXISTS (SELECT 1 FROM ${hitsOf('syncline_updates')} AS changes WHERE ${sameCells(key, 'target', 'changes', 'before:')}))`
  const refused = await refuse(target, changes, { kind: 'update', held: 'syncline_updates', columns: after, told, others })
  const changing = await changedColumns(target, after, before)
  const set = changing.map((column) => `${identifier(column.name)} = changes.${identifier(column.name)}`).join(', ')
  const hits = await work.texts('SELECT count(*)::VARCHAR FROM syncline_hits')
  if (set !== '')
    await work.run(
      `UPDATE ${into} AS target SET ${set} FROM ${hitsOf('syncline_updates')} AS changes WHERE ${sameCells(key, 'target', 'changes', 'before:')}`,
    )
  await work.run('DROP TABLE syncline_updates; DROP TABLE syncline_hits')
  return { changed: Number(hits[0]?.[0]), moved, refused }
}

async function applyInserts(target: LoadTarget, changes: ChangeSet): Promise<Outcome> {
  const { work, into, table } = target
  const columns = changes.inserts.columns.map((column) => writtenColumn(table, column))
  const key = keyColumns(table, changes)
  await hold(target, 'syncline_inserts', changes.inserts, columns)
  const present = key.length === 0 ? 'false' : `EXISTS (SELECT 1 FROM ${into} AS target WHERE ${sameCells(key, 'target', 'rows', '')})`
  await work.run(
    `CREATE TEMP TABLE syncline_hits AS SELECT rows.${heldNumber} AS number FROM syncline_inserts AS rows WHERE NOT ${present}`,
  )
  const moved = await missed(target, 'insert', 'syncline_inserts', key, '')
  const told = key.length > 0 ? key : columns
  const refused = await refuse(target, changes, { kind: 'insert', held: 'syncline_inserts', columns, told, others: into })
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const changed = await work.run(`INSERT INTO ${into} (${names}) SELECT ${names} FROM ${hitsOf('syncline_inserts')} AS rows`)
  await work.run('DROP TABLE syncline_inserts; DROP TABLE syncline_hits')
  return { changed, moved, refused }
}

interface Refusing {
  readonly kind: ChangeKind
  readonly held: string
  /** What is written. */
  readonly columns: readonly Column[]
  /** What is told of a refused row: columns of the held rows. */
  readonly told: readonly Column[]
  /** What stands behind FROM for the rows of the table that stay as they are. */
  readonly others: string
}

/** Takes rows that break a constraint out of those to be written; what one of them frees no other can take, so it is looked again. */
async function refuse(
  { work, into, table }: LoadTarget,
  { key }: ChangeSet,
  { kind, held, columns, told, others }: Refusing,
): Promise<readonly Refused[]> {
  const names = new Set(columns.map(({ name }) => name))
  const constraints = (await constraintsOf(work, table, key)).filter((one) => one.columns.every((name) => names.has(name)))
  const refused: Refused[] = []
  for (let found = constraints.length > 0; found; ) {
    found = false
    for (const constraint of constraints) {
      const numbers = breaking(constraint, { into, held, others })
      await work.run(`CREATE TEMP TABLE syncline_refused AS ${numbers}`)
      const rows = await work.texts(
        `SELECT ${told.map(textCell).join(', ')} FROM ${held} WHERE ${heldNumber} IN (FROM syncline_refused) ORDER BY ${heldNumber}`,
      )
      await work.run('DELETE FROM syncline_hits WHERE number IN (FROM syncline_refused)')
      await work.run('DROP TABLE syncline_refused')
      found ||= rows.length > 0
      const [column, ...more] = constraint.columns
      for (const row of rows)
        refused.push({
          kind,
          key: told.map((cell, index) => keyValue(row[index] ?? null, cell)),
          reason: 'constraint',
          ...(column === undefined || more.length > 0 ? {} : { column }),
          detail: brokenText(constraint),
        })
      if (refused.length > mostRefused) throw refusesTooMany(table.ref.name)
    }
  }
  return refused
}

/** Puts rows into a table that only this connection sees, numbered: a column of theirs may be called `rowid`. */
async function hold({ work, directory }: LoadTarget, name: string, rows: Rows, columns: readonly Column[]): Promise<void> {
  await using incoming = await incomingRows(work, directory, rows, columns)
  await work.run(`CREATE TEMP TABLE ${name} AS SELECT row_number() OVER () AS ${heldNumber}, * FROM ${incoming.sql}`)
}

/** The numbers of held rows whose row in the table is in every cell as it was read. */
function rowsAsBefore(into: string, held: string, columns: readonly Column[], prefix: string): string {
  return `SELECT DISTINCT rows.${heldNumber} AS number FROM ${held} AS rows JOIN ${into} AS target ON ${sameCells(columns, 'target', 'rows', prefix)}`
}

/**
 * Rows that are equal in every cell are told apart by their number among their equals.
 * @throws RunError (`NO_KEY`) where a column hides what DuckDB calls each row by.
 */
function equalRows({ into, table }: LoadTarget, columns: readonly Column[]): string {
  if (table.columns.some(({ name }) => name.toLowerCase() === 'rowid'))
    throw new RunError({
      code: 'NO_KEY',
      message: `rows of \`${table.ref.name}\` cannot be told apart: it has no key, and a column called rowid`,
    })
  const names = columns.map((column) => identifier(column.name)).join(', ')
  const numbered = (from: string, place: string) =>
    `(SELECT ${place} AS place, ${names}, row_number() OVER (PARTITION BY ${names}) AS nth FROM ${from})`
  return `SELECT rows.place AS number, target.place AS place FROM ${numbered('syncline_deletes', heldNumber)} AS rows JOIN ${numbered(into, 'rowid')} AS target ON ${sameCells(columns, 'target', 'rows', '')} AND target.nth = rows.nth`
}

/** The held rows that are to be written. */
function hitsOf(held: string): string {
  return `(SELECT * FROM ${held} WHERE ${heldNumber} IN (SELECT number FROM syncline_hits))`
}

function sameCells(columns: readonly Column[], one: string, other: string, prefix: string): string {
  return columns.map(({ name }) => `${one}.${identifier(name)} IS NOT DISTINCT FROM ${other}.${identifier(prefix + name)}`).join(' AND ')
}

/** Keys of the held rows that were not found as they were expected. */
async function missed(
  { work }: LoadTarget,
  kind: ChangeKind,
  held: string,
  key: readonly Column[],
  prefix: string,
): Promise<readonly Moved[]> {
  const cells = key.map((column) => textCell({ ...column, name: prefix + column.name }))
  const rows = await work.texts(
    `SELECT ${cells.length === 0 ? 'NULL' : cells.join(', ')} FROM ${held} WHERE ${heldNumber} NOT IN (SELECT number FROM syncline_hits)`,
  )
  return rows.map((row) => ({ kind, key: key.map((column, index) => keyValue(row[index] ?? null, column)) }))
}

/**
 * Columns in which some update differs. DuckDB writes a row anew where an indexed column is set, even to what it holds, and
 * then finds it referenced by foreign keys.
 */
async function changedColumns({ work }: LoadTarget, after: readonly Column[], before: readonly Column[]): Promise<readonly Column[]> {
  const compared = after.map((column) =>
    before.some(({ name }) => name === column.name)
      ? `coalesce(bool_or(${identifier(column.name)} IS DISTINCT FROM ${identifier(beforeName(column))}), false)::VARCHAR`
      : "'true'",
  )
  const [row = []] = await work.texts(`SELECT ${compared.join(', ')} FROM syncline_updates`)
  return after.filter((_, index) => row[index] === 'true')
}

function keyColumns(table: Table, { key }: ChangeSet): readonly Column[] {
  return key.map((name) => tableColumn(table, { name, type: { kind: 'text' }, nullable: false }))
}

function tableColumn(table: Table, column: Column): Column {
  return table.columns.find(({ name }) => name === column.name) ?? column
}

function beforeName({ name }: Column): string {
  return `before:${name}`
}

/** A key's cell as batches would carry it. */
function keyValue(text: string | null, { type }: Column): Value {
  if (text === null) return null
  switch (type.kind) {
    case 'boolean':
      return text === 'true'
    case 'integer':
      return type.bits === 64 ? BigInt(text) : Number(text)
    case 'float':
      return Number(text)
    case 'bytes':
      return Buffer.from(text.slice(2), 'hex')
    default:
      return text
  }
}
