import { cellReading } from './reading-cells.ts'
import type { RelationColumn } from './relation.ts'
import { identifier } from './sql.ts'
import type { StagedCell } from './staging.ts'

/** SQL that is true where all cells of two rows are the same to the last character, NULL being the same as NULL only. */
export function sameCells(cells: readonly StagedCell[]): string {
  if (cells.length === 0) return '1 = 1'
  const there = cells.flatMap(({ column }) => exactly(column, cellOf(column)))
  const read = cells.flatMap(({ column, alias }) => exactly(column, `x.${alias}`))
  // INTERSECT takes NULL and NULL as the same, as `=` does not.
  return `EXISTS (SELECT ${there.join(', ')} INTERSECT SELECT ${read.join(', ')})`
}

/** SQL that is true where a cell differs between two aliases of a temporary table. */
export function differs(column: RelationColumn, one: string, other: string): string {
  return `NOT EXISTS (SELECT ${exactly(column, one).join(', ')} INTERSECT SELECT ${exactly(column, other).join(', ')})`
}

/** SQL that is true where the keys of two rows are equal, as an index finds them. */
export function sameKey(key: readonly StagedCell[]): string {
  return key.map(({ column, alias }) => `${cellOf(column)} = x.${alias}`).join(' AND ')
}

export function cellOf({ column }: RelationColumn): string {
  return `t.${identifier(column.name)}`
}

/** What has to be equal: `=` of texts is that of their collation and ignores trailing spaces, and some types have none. */
function exactly({ type }: RelationColumn, cell: string): readonly string[] {
  switch (type.name) {
    case 'nvarchar':
    case 'varchar':
    case 'nchar':
    case 'char':
    case 'image':
      return [`CONVERT(varbinary(max), ${cell})`, `DATALENGTH(${cell})`]
    case 'binary':
    case 'varbinary':
      return [cell, `DATALENGTH(${cell})`]
    case 'text':
      return [`CONVERT(varbinary(max), CONVERT(varchar(max), ${cell}))`, `DATALENGTH(${cell})`]
    default: {
      if (compared.has(type.name)) return [cell]
      const text = `CONVERT(nvarchar(max), ${cellReading(type).expression(cell)})`
      return [`CONVERT(varbinary(max), ${text})`, `DATALENGTH(${text})`]
    }
  }
}

/** Types whose `=` tells apart all that their texts tell apart. */
const compared: ReadonlySet<string> = new Set([
  ...['bit', 'tinyint', 'smallint', 'int', 'bigint', 'decimal', 'numeric', 'money', 'smallmoney', 'real', 'float'],
  ...['date', 'time', 'smalldatetime', 'datetime', 'datetime2', 'datetimeoffset', 'uniqueidentifier', 'hierarchyid'],
])
