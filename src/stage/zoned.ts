import type { Column } from '../core/table.ts'
import { exactCast } from '../duckdb/exact.ts'
import { exactText } from '../duckdb/exact-text.ts'
import { duckdbType } from '../duckdb/types.ts'
import { type ZonedType, zonedText, zonedValue } from '../duckdb/zones.ts'
import type { Conforming } from './contract.ts'

/** How the cells of a column cross between naive and instant. Those of a column that is neither tell by their form what they are. */
export function zoned(from: Column | undefined, { to, held }: Conforming, zone: string): ZonedCell {
  const type = to.type as ZonedType
  const other: ZonedType = { kind: type.kind === 'timestamp' ? 'timestamptz' : 'timestamp', precision: type.precision }
  const isNative = held === 'native' && duckdbType(type) !== undefined
  const moved = (text: string) => (isNative ? zonedValue(text, other, type, zone) : zonedText(text, other, type, zone))
  const stays = (text: string) => (isNative ? (exactCast(text, type) ?? 'NULL') : exactText(text, type))
  const isOther = from?.type.kind === other.kind && !from.untyped
  return { becomes: (text) => (isOther ? moved(text) : `coalesce(${stays(text)}, ${moved(text)})`), mayFail: true }
}

interface ZonedCell {
  /** What the landed cell, called `name`, becomes: NULL where it is no value. */
  becomes(name: string): string
  readonly mayFail: true
}
