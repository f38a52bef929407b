import type { Type } from '../core/types.ts'
import { duckdbType } from './types.ts'

/**
 * A DuckDB expression that reads canonical text (and the spellings of it that people use in files) as the DuckDB type of
 * `type`, and is NULL where the text is not exactly such a value: `1.5` is no integer, `1.555` no decimal(12,2), an offset
 * no part of a naive timestamp (rule 7; DuckDB's own casts round and drop these without a word). `undefined` where the
 * type has no DuckDB type, or every text is a value of it.
 */
export function exactCast(text: string, type: Type): string | undefined {
  const native = duckdbType(type)
  if (native === undefined || native === 'VARCHAR') return undefined
  const guarded = (pattern: string) => `CASE WHEN regexp_full_match(${text}, '${pattern}') THEN TRY_CAST(${text} AS ${native}) END`
  switch (type.kind) {
    case 'boolean':
      return `CASE lower(${text}) WHEN 't' THEN true WHEN 'true' THEN true WHEN 'yes' THEN true WHEN 'y' THEN true WHEN 'on' THEN true WHEN '1' THEN true WHEN 'f' THEN false WHEN 'false' THEN false WHEN 'no' THEN false WHEN 'n' THEN false WHEN 'off' THEN false WHEN '0' THEN false END`
    case 'integer':
      return guarded('[+-]?\\d+(\\.0*)?')
    case 'decimal': {
      const scale = type.scale ?? 0
      return guarded(`[+-]?(\\d+(\\.\\d{0,${scale}}0*)?|\\.\\d{1,${Math.max(scale, 1)}}0*)`)
    }
    case 'float':
      return guarded('[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?|-?Infinity|NaN')
    case 'bytes':
      return `CASE WHEN regexp_full_match(${text}, '\\\\x([0-9a-fA-F]{2})*') THEN unhex(${text}[3:]) END`
    case 'date':
      return guarded(`${day}|-?infinity`)
    case 'time':
      return guarded(clock(type.precision))
    case 'timestamp':
      return guarded(`${day}([ T]${clock(type.precision)})?|-?infinity`)
    case 'timestamptz':
      return guarded(`${day}[ T]${clock(type.precision)} ?(Z|[+-]\\d\\d(:?\\d\\d)?)|-?infinity`)
    case 'uuid':
      return `TRY_CAST(${text} AS UUID)`
    default:
      return undefined
  }
}

const day = '\\d{4,6}-\\d\\d?-\\d\\d?'

function clock(precision: number): string {
  return `\\d\\d?:\\d\\d(:\\d\\d(\\.\\d{0,${precision}}0*)?)?`
}
