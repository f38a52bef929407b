import { formatType } from '../../core/types.ts'
import { cellReading } from './reading-cells.ts'
import type { RelationColumn } from './relation.ts'
import { identifier } from './sql.ts'

/**
 * Eight bytes of the digest of a row, as a number, over what a reader would be handed. Each cell comes after its length, so
 * that neither NULL and '' nor `1|11` and `11|1` look alike. The rows' sum is their checksum whatever their order.
 */
export function checksumSql(columns: readonly RelationColumn[]): { readonly form: string; readonly expression: string } {
  const cells = columns.map((column) => {
    const bytes = bytesOf(column)
    return `COALESCE(CONVERT(varbinary(8), DATALENGTH(${bytes})) + ${bytes}, 0xFF)`
  })
  return { form: formOf(columns), expression: `CONVERT(bigint, SUBSTRING(HASHBYTES('SHA2_256', ${cells.join(' + ')}), 1, 8))` }
}

/** Numbers of other types have other bytes, and what is rounded another text: only equal types can be compared. */
function formOf(columns: readonly RelationColumn[]): string {
  const types = columns.map(({ column: { type } }) => (type.kind === 'text' || type.kind === 'bytes' ? type.kind : formatType(type)))
  return `sqlserver:sha2_256:${types.join(',')}`
}

/** Numbers in their own bytes, since a text of a floating-point number need not tell all of it. */
function bytesOf({ column, type }: RelationColumn): string {
  const read = cellReading(type).expression(`t.${identifier(column.name)}`)
  switch (column.type.kind) {
    case 'bytes':
      return `CONVERT(varbinary(max), ${read})`
    case 'boolean':
    case 'integer':
    case 'float':
      return `CONVERT(varbinary(8), ${read})`
    default:
      return `CONVERT(varbinary(max), CONVERT(nvarchar(max), ${read}))`
  }
}
