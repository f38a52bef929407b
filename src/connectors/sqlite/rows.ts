import type { DatabaseSync } from 'node:sqlite'
import { setImmediate } from 'node:timers/promises'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Column } from '../../core/table.ts'
import type { Batch, Value } from '../../core/value.ts'
import { quoteName } from '../sql/quote.ts'
import { type Bound, type Cell, select } from './connection.ts'
import { translate } from './errors.ts'
import { type Reading, readingOf } from './reading.ts'
import type { Selection } from './request.ts'

const batchRows = 2048

/** What the rows are read from. */
export interface RowsSource {
  readonly database: DatabaseSync
  readonly path: string
  readonly signal: AbortSignal
}

/** The rows of a selection. A column with cells that are not what its type says is untyped: each cell goes as its own text. */
export function rowsOf(source: RowsSource, selection: Selection): Rows {
  const columns = honestColumns(source.database, selection)
  const typed = { ...selection, columns }
  return {
    columns,
    batches: () => batches(source, typed),
    csv: () => [csv(source, typed)],
  }
}

/** One scan asks whether any cell is not what its column says; only if so, each column is asked for itself. */
export function honestColumns(
  database: DatabaseSync,
  { columns, from, bound }: Pick<Selection, 'columns' | 'from' | 'bound'>,
): readonly Column[] {
  const misfits = columns.map((column) => misfit(column))
  const some = misfits.filter((condition) => condition !== undefined)
  const inner = `SELECT ${columns.map((column) => quoteName(column.name)).join(', ')} FROM ${from}`
  const holds = (condition: string) => select(database, `SELECT 1 FROM (${inner}) WHERE ${condition} LIMIT 1`, ...bound).length > 0
  if (some.length === 0 || !holds(some.map((condition) => `(${condition})`).join(' OR '))) return columns
  return columns.map((column, index) => {
    const condition = misfits[index]
    return condition !== undefined && holds(condition) ? { ...column, type: { kind: 'text' }, untyped: true } : column
  })
}

function misfit(column: Column): string | undefined {
  const { fits } = readingOf(column)
  return fits === undefined ? undefined : `${quoteName(column.name)} IS NOT NULL AND NOT (${fits})`
}

async function* batches(source: RowsSource, selection: Selection): AsyncGenerator<Batch> {
  const { columns } = selection
  const values = columns.map((column) => readingOf(column).value)
  const names = columns.map((column) => quoteName(column.name)).join(', ')
  for await (const rows of chunks(source, `SELECT ${names} FROM ${selection.from}`, selection.bound, batchRows)) {
    const cells = values.map((value, index) => columnCells(rows, index, value))
    for (const [index, column] of cells.entries()) {
      if (column.some((cell) => isSuspect(cell))) proveUtf8(source, selection, columns[index])
    }
    yield { rows: rows.length, cells }
  }
}

function columnCells(rows: readonly (readonly Cell[])[], index: number, value: Reading['value']): readonly Value[] {
  if (!value) return rows.map((row) => row[index] ?? null)
  return rows.map((row) => {
    const cell = row[index] ?? null
    return cell === null ? null : value(cell)
  })
}

/** A column that is computed. */
interface Computed {
  readonly column: Column
  /** Never NULL, and nothing that CSV would quote. */
  readonly sql: string
}

/** The rows of a selection with one more column, as text. */
export function rowsOfQuery(source: RowsSource, selection: Selection, computed: Computed): Rows {
  return { columns: [...selection.columns, computed.column], csv: () => [csv(source, selection, [computed.sql])] }
}

async function* csv(source: RowsSource, selection: Selection, computed: readonly string[] = []): AsyncGenerator<Uint8Array> {
  const fields = [...selection.columns.map((column) => `ifnull(${readingOf(column).csv}, '')`), ...computed]
  for await (const rows of chunks(source, `SELECT ${fields.join(` || ',' || `)} FROM ${selection.from}`, selection.bound, batchRows)) {
    const text = `${rows.map(([line]) => line).join('\n')}\n`
    if (isSuspect(text)) for (const column of selection.columns) proveUtf8(source, selection, column)
    yield Buffer.from(text)
  }
}

/** All rows of a statement, some at a time; between two chunks the process may do other things, and be told to stop. */
async function* chunks(source: RowsSource, sql: string, bound: readonly Bound[], size: number): AsyncGenerator<Cell[][]> {
  const statement = source.database.prepare(sql)
  statement.setReturnArrays(true)
  statement.setReadBigInts(true)
  const rows = statement.iterate(...bound) as unknown as Iterator<Cell[]>
  try {
    for (let chunk = take(rows, size); chunk.length > 0; chunk = take(rows, size)) {
      yield chunk
      await setImmediate()
      source.signal.throwIfAborted()
    }
  } catch (thrown) {
    throw source.signal.aborted ? source.signal.reason : translate(thrown, source.path)
  } finally {
    rows.return?.()
  }
}

function take(rows: Iterator<Cell[]>, size: number): Cell[][] {
  const taken: Cell[][] = []
  while (taken.length < size) {
    const next = rows.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}

/** Bytes that are not UTF-8 reach JavaScript as this character, which a text may also hold rightly. */
function isSuspect(value: Value): boolean {
  return typeof value === 'string' && value.includes('\uFFFD')
}

/** @throws RunError where a text of the column is not UTF-8: a wrong encoding is an error of the source, not of a row (rule 4). */
function proveUtf8({ database }: RowsSource, { from, bound }: Selection, column: Column | undefined): void {
  if (!column) return
  const cell = quoteName(column.name)
  const wrong = `typeof(${cell}) = 'text' AND NOT syncline_is_utf8(CAST(${cell} AS BLOB))`
  if (select(database, `SELECT 1 FROM (SELECT ${cell} FROM ${from}) WHERE ${wrong} LIMIT 1`, ...bound).length === 0) return
  throw new RunError({
    code: 'BAD_ENCODING',
    message: `column \`${column.name}\` holds text that is not UTF-8`,
    hint: 'find it with `typeof` and `hex`, and store it as UTF-8 or as a blob',
  })
}
