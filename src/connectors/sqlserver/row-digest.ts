import { cellReading } from './reading-cells.ts'
import type { RelationColumn } from './relation.ts'

/**
 * SQL for the digest of a row, over the texts that a reader is handed. Each cell comes after its length, so that neither NULL
 * and '' nor `1|11` and `11|1` look alike. @param at the SQL of a column's cell.
 */
export function rowDigest(columns: readonly RelationColumn[], at: (index: number) => string): string {
  const cells = columns.map((column, index) => {
    const text = cellText(column, at(index))
    return `COALESCE(CONVERT(nvarchar(20), DATALENGTH(${text})) + N':' + ${text}, N'-')`
  })
  return `HASHBYTES('SHA2_256', ${cells.join(' + ')})`
}

/** Style 3 tells every floating-point number apart from all others; bytes are told by a digest of their own. */
function cellText({ column, type }: RelationColumn, cell: string): string {
  const read = cellReading(type).expression(cell)
  switch (column.type.kind) {
    case 'bytes':
      return digestText(`CONVERT(varbinary(max), ${read})`)
    case 'float':
      return `CONVERT(nvarchar(max), CONVERT(nvarchar(40), ${read}, 3))`
    default:
      return `CONVERT(nvarchar(max), ${type.name === 'timestamp' ? `CONVERT(bigint, ${cell})` : read})`
  }
}

/** All of the 32 bytes, as two texts that every server writes alike: bytes in hexadecimal would take four times their size. */
function digestText(bytes: string): string {
  const half = (from: number) => `CONVERT(nvarchar(36), CONVERT(uniqueidentifier, SUBSTRING(HASHBYTES('SHA2_256', ${bytes}), ${from}, 16)))`
  return `CONVERT(nvarchar(max), ${half(1)} + ${half(17)})`
}
