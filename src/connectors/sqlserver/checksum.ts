import { formatType } from '../../core/types.ts'
import type { RelationColumn } from './relation.ts'
import { rowDigest } from './row-digest.ts'
import { identifier } from './sql.ts'

/** Eight bytes of the digest of a row, as a number: the rows' sum is their checksum, whatever their order. */
export function checksumSql(columns: readonly RelationColumn[]): { readonly form: string; readonly expression: string } {
  const digest = rowDigest(columns, (index) => `t.${identifier(columns[index]?.column.name ?? '')}`)
  return { form: formOf(columns), expression: `CONVERT(bigint, SUBSTRING(${digest}, 1, 8))` }
}

/** What is rounded or widened has another text: only equal types can be compared. */
function formOf(columns: readonly RelationColumn[]): string {
  const types = columns.map(({ column: { type } }) => (type.kind === 'text' || type.kind === 'bytes' ? type.kind : formatType(type)))
  return `sqlserver:sha2_256:${types.join(',')}`
}
