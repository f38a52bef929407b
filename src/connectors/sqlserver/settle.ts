import type { ChangeKind, Refused } from '../../core/changes.ts'
import type { Value } from '../../core/value.ts'
import { cellReading } from './reading-cells.ts'
import type { Session } from './session.ts'
import { type Loaded, misfitSql, type StagedCell } from './staging.ts'

/** The rows that are in a typed table, by their numbers, with some of their cells as they would be read. */
export async function rowsLeft(
  session: Session,
  { table }: Pick<Loaded, 'table'>,
  told: readonly StagedCell[],
): Promise<readonly { readonly n: number; readonly cells: readonly Value[] }[]> {
  const readings = told.map(({ column }) => cellReading(column.type))
  const cells = told.map(({ alias }, index) => `, ${readings[index]?.expression(`x.${alias}`)} AS k${index}`)
  const rows = await session.rows(`SELECT x.n${cells.join('')} FROM ${table} AS x ORDER BY x.n`)
  return rows.map((row) => ({
    n: Number(row.n),
    cells: readings.map((reading, index) => {
      const cell = row[`k${index}`]
      return cell === null || cell === undefined ? null : reading.value(cell)
    }),
  }))
}

/** The rows of which a cell is no value of its column, by those of its cells that are told, as they were loaded. */
export async function misfitRows(
  session: Session,
  kind: ChangeKind,
  { table, cells }: Loaded,
  told: readonly StagedCell[],
): Promise<readonly Refused[]> {
  const loaded = told.map(({ alias }, index) => `q.${alias} AS k${index}`)
  const rows = await session.rows(
    `SELECT q.misfits AS cell, q.told${loaded.map((cell) => `, ${cell}`).join('')} FROM (SELECT x.*, ${misfitSql(cells)} AS misfits FROM ${table} AS x) AS q WHERE q.misfits IS NOT NULL`,
  )
  return rows.map((row) => {
    const column = cells[Number(row.cell)]?.column.column
    return {
      kind,
      key: toldCells(row.told, cells, told) ?? told.map((_, index) => loadedValue(row[`k${index}`])),
      reason: 'value',
      ...(column === undefined ? {} : { column: column.name }),
      detail: `${column?.name} (${column?.native?.name}) of SQL Server cannot hold it`,
    }
  })
}

function toldCells(texts: unknown, cells: readonly StagedCell[], told: readonly StagedCell[]): readonly Value[] | undefined {
  if (typeof texts !== 'string') return undefined
  const all = JSON.parse(texts) as readonly (string | null)[]
  return told.map((cell) => all[cells.indexOf(cell)] ?? null)
}

function loadedValue(loaded: unknown): Value {
  if (typeof loaded === 'string' || typeof loaded === 'number' || typeof loaded === 'boolean' || Buffer.isBuffer(loaded)) return loaded
  return null
}
