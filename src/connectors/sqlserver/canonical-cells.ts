import { cellReading } from './reading-cells.ts'
import type { RelationColumn } from './relation.ts'

/** SQL for the canonical text (`core/canonical.ts`) of a cell, which the driver and `reading-cells.ts` make of the same cell when it is read. */
export function canonicalCell({ column, type }: RelationColumn, cell: string): string {
  const text = cellReading(type).expression(cell)
  switch (type.name) {
    case 'bit':
      return `CASE ${cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`
    case 'real':
    case 'float':
      return floatText(type.name, cell)
    case 'timestamp':
    case 'rowversion':
      return `CONVERT(varchar(20), CONVERT(bigint, ${cell}))`
    case 'time':
      return withoutZeros(text, 8)
    case 'datetime':
    case 'datetime2':
      return withoutZeros(text, 19)
    case 'datetimeoffset':
      return `${withoutZeros(text, 19)} + '+00'`
    default:
      break
  }
  if (column.type.kind === 'bytes') return `'\\x' + LOWER(CONVERT(varchar(max), CONVERT(varbinary(max), ${text}), 2))`
  return column.type.kind === 'integer' ? `CONVERT(varchar(20), ${cell})` : text
}

/** A clock's text with a fraction from a position on; trailing zeros of that are left out, and the point where nothing follows it. */
function withoutZeros(text: string, whole: number): string {
  return `LEFT(${text}, ${whole}) + COALESCE(NULLIF(${trimmed(`SUBSTRING(${text}, ${whole + 1}, 8)`)}, '.'), '')`
}

/**
 * As a decimal of no more digits than it takes to read back as the same number; most numbers that people write have one. Others are
 * written with all their 17 digits (style 3), in a form of SQL Server's own.
 */
function floatText(name: 'real' | 'float', cell: string): string {
  const attempts = [0, 3, 6, 9, 12, 15].map((scale) => {
    const decimal = `TRY_CONVERT(decimal(38,${scale}), ${cell})`
    const digits = `CONVERT(varchar(41), ${decimal})`
    return `WHEN CONVERT(${name}, ${decimal}) = ${cell} THEN ${scale === 0 ? digits : trimmed(digits)}`
  })
  return `CASE ${attempts.join(' ')} ELSE CONVERT(varchar(41), ${cell}, 3) END`
}

function trimmed(text: string): string {
  return `REPLACE(RTRIM(REPLACE(${text}, '0', ' ')), ' ', '0')`
}
