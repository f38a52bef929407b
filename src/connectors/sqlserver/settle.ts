import type { ChangeKind, Refused } from '../../core/changes.ts'
import type { Value } from '../../core/value.ts'
import { cellReading } from './reading-cells.ts'
import type { Session } from './session.ts'
import { type Loaded, misfitSql, type StagedCell } from './staging.ts'

/** The keys of the rows that are in a typed table, as they would be read. */
export async function keysOf(
  session: Session,
  { table }: Pick<Loaded, 'table'>,
  key: readonly StagedCell[],
): Promise<readonly (readonly Value[])[]> {
  if (key.length === 0) return []
  const readings = key.map(({ column }) => cellReading(column.type))
  const cells = key.map(({ alias }, index) => `${readings[index]?.expression(`x.${alias}`)} AS k${index}`)
  const rows = await session.rows(`SELECT ${cells.join(', ')} FROM ${table} AS x`)
  return rows.map((row) =>
    readings.map((reading, index) => {
      const cell = row[`k${index}`]
      return cell === null || cell === undefined ? null : reading.value(cell)
    }),
  )
}

/** The rows of which a cell is no value of its column, by the keys that were loaded. */
export async function refusedRows(
  session: Session,
  kind: ChangeKind,
  { table, cells }: Loaded,
  key: readonly StagedCell[],
): Promise<readonly Refused[]> {
  const loaded = key.map(({ alias }, index) => `q.${alias} AS k${index}`)
  const rows = await session.rows(
    `SELECT q.misfits AS cell${loaded.map((cell) => `, ${cell}`).join('')} FROM (SELECT x.*, ${misfitSql(cells)} AS misfits FROM ${table} AS x) AS q WHERE q.misfits IS NOT NULL`,
  )
  return rows.map((row) => {
    const column = cells[Number(row.cell)]?.column.column
    return {
      kind,
      key: key.map((_, index) => keyValue(row[`k${index}`])),
      reason: 'value',
      ...(column === undefined ? {} : { column: column.name }),
      detail: `${column?.name} (${column?.native?.name}) of SQL Server cannot hold it`,
    }
  })
}

function keyValue(loaded: unknown): Value {
  if (typeof loaded === 'string' || typeof loaded === 'number' || typeof loaded === 'boolean' || Buffer.isBuffer(loaded)) return loaded
  return null
}
