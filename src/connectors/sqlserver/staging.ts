import { canonicalText } from '../../core/canonical.ts'
import { RunError } from '../../core/errors.ts'
import type { Rows } from '../../core/rows.ts'
import type { Type } from '../../core/types.ts'
import type { Value } from '../../core/value.ts'
import { type BulkColumn, carriedType } from './bulk.ts'
import { type CellCarrying, cellCarrying } from './carrying-cells.ts'
import type { RelationColumn } from './relation.ts'
import type { Session } from './session.ts'
import { type CellWriting, cellWriting } from './writing-cells.ts'

/** A cell of the rows that are loaded, after the target's column that it is for. */
export interface StagedCell {
  /** Its column in temporary tables. */
  readonly alias: string
  readonly column: RelationColumn
  /** Its position in the rows. */
  readonly at: number
}

/**
 * Rows as they were loaded, in a temporary table: `n` numbers them from 1, `misfit` is the position of a cell that no value can hold; `told`,
 * where the client saw that, has the texts of all cells, because that one is not loaded.
 */
export interface Loaded {
  /** In SQL. */
  readonly table: string
  readonly rows: number
  readonly cells: readonly StagedCell[]
}

/** The cells that are written, of columns that the server does not compute itself. */
export function stagedCells(columns: readonly RelationColumn[], prefix: 'a' | 'b' = 'a', from = 0): readonly StagedCell[] {
  return columns.flatMap((column, index) => (column.column.generated ? [] : [{ alias: `${prefix}${index}`, column, at: from + index }]))
}

/** Loads rows into a new temporary table, each cell as the driver carries it exactly. */
export async function loadRows(session: Session, name: string, cells: readonly StagedCell[], rows: Rows): Promise<Loaded> {
  const table = `#syncline_${name}_loaded`
  const types = cells.map(({ column, at }) => rows.columns[at]?.type ?? column.column.type)
  const carryings = cells.map(({ column }, index) => cellCarrying(column.type, types[index] ?? column.column.type))
  const columns: readonly BulkColumn[] = [
    { name: 'n', carriage: { as: 'integer' } },
    { name: 'misfit', carriage: { as: 'integer' } },
    { name: 'told', carriage: { as: 'text' } },
    ...cells.map(({ alias }, index) => ({ name: alias, carriage: carryings[index]?.carriage ?? { as: 'text' as const } })),
  ]
  await session.execute(`DROP TABLE IF EXISTS ${table}`)
  await session.execute(createSql(table, columns))
  const carried = carriedRows(batchesOf(rows), cells, carryings, types)
  const first = await carried.next()
  if (first.done) return { table, rows: 0, cells }
  return { table, rows: await session.bulk(table, columns, startingWith(first.value, carried)), cells }
}

/** SQL for the value of a cell, and whether it says exactly what was loaded. */
export function writtenCell({ alias, column }: StagedCell): CellWriting & { readonly loaded: string } {
  return { ...cellWriting(column.type), loaded: `x.${alias}` }
}

/** SQL for the position of the first cell that its column cannot hold, NULL where all fit. The loaded table is called `x`. */
export function misfitSql(cells: readonly StagedCell[]): string {
  const cases = cells.flatMap((cell, index) => {
    const { exact, loaded } = writtenCell(cell)
    // A comparison with NULL is neither true nor false: it is no proof.
    return exact ? [`WHEN ${loaded} IS NOT NULL AND CASE WHEN ${exact(loaded)} THEN 1 ELSE 0 END = 0 THEN ${index}`] : []
  })
  return cases.length === 0 ? 'x.misfit' : `CASE WHEN x.misfit IS NOT NULL THEN x.misfit ${cases.join(' ')} END`
}

/** SQL for the values of the cells, in order. */
export function valuesSql(cells: readonly StagedCell[]): readonly string[] {
  return cells.map((cell) => {
    const { expression, loaded } = writtenCell(cell)
    return expression(loaded)
  })
}

function createSql(table: string, columns: readonly BulkColumn[]): string {
  const definitions = columns.map(({ name, carriage }) => {
    const collation = carriage.as === 'text' ? ' COLLATE Latin1_General_BIN2' : ''
    return `[${name}] ${carriedType(carriage)}${collation} NULL`
  })
  return `CREATE TABLE ${table} (${definitions.join(', ')})`
}

type Cells = readonly (readonly Value[])[]

async function* carriedRows(
  batches: AsyncIterable<{ readonly rows: number; readonly cells: Cells }>,
  cells: readonly StagedCell[],
  carryings: readonly CellCarrying[],
  types: readonly Type[],
): AsyncGenerator<unknown[]> {
  let n = 1
  for await (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      const values = cells.map(({ at }) => batch.cells[at]?.[row] ?? null)
      yield carriedRow(n++, values, carryings, types)
    }
  }
}

function carriedRow(n: number, values: readonly Value[], carryings: readonly CellCarrying[], types: readonly Type[]): unknown[] {
  const carried = values.map((value, index) => (value === null ? null : carryings[index]?.carry(value)))
  const misfit = carried.indexOf(undefined)
  if (misfit < 0) return [n, null, null, ...carried]
  const texts = values.map((value, index) => canonicalText(value, types[index] ?? { kind: 'text' }))
  return [n, misfit, JSON.stringify(texts), ...carried.map((cell) => cell ?? null)]
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first
  yield* rest
}

function batchesOf(rows: Rows) {
  if (rows.batches) return rows.batches()
  throw new RunError({ code: 'FORM_NOT_TAKEN', message: 'SQL Server takes rows as batches only, and these cannot be had so' })
}
