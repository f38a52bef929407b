import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { NotDirectError, RunError, SynclineError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column, Table } from '../../core/table.ts'
import type { Batch } from '../../core/value.ts'
import { quoteNames } from '../sql/quote.ts'
import { type Binding, bindingOf } from './binding.ts'
import type { Bound } from './connection.ts'
import { isRefusedRow, notDirect } from './errors.ts'
import { textKeeper } from './storage.ts'

/** Rows of one INSERT: several share the cost of a call. */
const rowsPerStatement = 32
const mostParameters = 32_766

/** Where rows are loaded. */
export interface LoadTarget {
  readonly database: DatabaseSync
  /** Quoted, with its schema where it has one. */
  readonly into: string
  readonly table: Table
  readonly signal: AbortSignal
}

/**
 * Inserts every row. The columns are written by name; a value that the column would not keep as it is is refused.
 * @throws NotDirectError where a row is refused.
 */
export async function load(target: LoadTarget, rows: Rows): Promise<number> {
  const columns = rows.columns.map((column) => writtenColumn(target.table, column))
  let loaded = 0
  try {
    const insert = inserter(target, columns)
    for await (const batch of batchesOf(rows)) {
      loaded += insert(batch)
      await setImmediate()
      target.signal.throwIfAborted()
    }
  } catch (thrown) {
    if (!(thrown instanceof SynclineError) && isRefusedRow(thrown)) throw notDirect(thrown, target.table.ref.name)
    throw thrown
  }
  return loaded
}

/** @throws RunError where the rows cannot be had as batches, the one form this writer takes. */
export function batchesOf(rows: Rows): AsyncIterable<Batch> {
  if (rows.batches) return rows.batches()
  throw new RunError({ code: 'FORM_NOT_TAKEN', message: 'SQLite takes rows in batches only, and these cannot be had so' })
}

/** The target's column of the same name. */
export function writtenColumn(table: Table, column: Column): Column {
  const written = table.columns.find(({ name }) => name === column.name)
  if (written && !written.generated) return written
  const problem = written ? 'is computed by SQLite and cannot be written' : 'is not there'
  throw new RunError({ code: 'COLUMN_NOT_WRITABLE', message: `column \`${column.name}\` of \`${table.ref.name}\` ${problem}` })
}

/** @returns what inserts a batch and says how many rows are there for it: a trigger may have swallowed some. */
function inserter(target: LoadTarget, columns: readonly Column[]): (batch: Batch) => number {
  const names = quoteNames(columns.map((column) => column.name))
  const row = `(${columns.map(() => '?').join(', ')})`
  const prepare = (count: number) =>
    target.database.prepare(`INSERT INTO ${target.into} (${names}) VALUES ${Array.from({ length: count }, () => row).join(', ')}`)
  const many = Math.max(1, Math.min(rowsPerStatement, Math.floor(mostParameters / columns.length)))
  const [several, one] = [prepare(many), prepare(1)]
  const bindings = columns.map((column) => provenBinding(target.table, column))
  return (batch) => {
    const whole = batch.rows - (batch.rows % many)
    let inserted = 0
    for (let start = 0; start < whole; start += many)
      inserted += Number(several.run(...parameters(batch, bindings, start, start + many)).changes)
    for (let index = whole; index < batch.rows; index++)
      inserted += Number(one.run(...parameters(batch, bindings, index, index + 1)).changes)
    return inserted
  }
}

function parameters(batch: Batch, bindings: readonly Binding[], from: number, to: number): readonly Bound[] {
  const bound: Bound[] = []
  for (let row = from; row < to; row++) {
    for (let column = 0; column < bindings.length; column++) {
      bound.push(bindings[column]?.(batch.cells[column]?.[row] ?? null) ?? null)
    }
  }
  return bound
}

/**
 * Like `bindingOf`, for values that nobody has compared with the column. SQLite numbers a row itself where the rowid is
 * NULL, and a NUMERIC column turns text that looks like a number into one.
 */
function provenBinding(table: Table, column: Column): Binding {
  const bind = bindingOf(column)
  const keeps = textKeeper(column)
  const neverNull = table.key.includes(column.name)
  if (!keeps && !neverNull) return bind
  return (value) => {
    if (value === null && neverNull) throw refusal(table, column, 'is part of the key and NULL')
    const bound = bind(value)
    if (keeps && typeof bound === 'string' && !keeps(bound)) throw refusal(table, column, 'would not be stored as it is')
    return bound
  }
}

function refusal(table: Table, column: Column, problem: string): NotDirectError {
  return new NotDirectError({ code: 'ROW_REFUSED', message: `a value of \`${column.name}\` of \`${table.ref.name}\` ${problem}` })
}
