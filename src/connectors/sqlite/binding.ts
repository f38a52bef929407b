import { canonicalText } from '../../core/canonical.ts'
import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import type { Value } from '../../core/value.ts'
import type { Bound } from './connection.ts'
import { withScale } from './decimal.ts'
import { affinity, declaredType } from './types.ts'

/** Turns a value, or its canonical text, into what SQLite stores for it in a column. NULL stays NULL. */
export type Binding = (value: Value) => Bound

export function bindingOf(column: Column): Binding {
  const bind = bindingOfType(column.type, affinity(declaredType(column)) === 'TEXT')
  return (value) => (value === null ? null : bind(value))
}

function bindingOfType(type: Type, asText: boolean): (value: Exclude<Value, null>) => Bound {
  switch (type.kind) {
    case 'boolean':
      return (value) => (typeof value === 'string' ? (/^(t|true|1)$/i.test(value) ? 1 : 0) : Number(value))
    case 'integer':
      if (asText) return String
      return (value) => (typeof value === 'number' || typeof value === 'bigint' ? value : BigInt(String(value)))
    case 'decimal':
      if (asText && type.scale !== undefined) return (value) => withScale(String(value), type.scale ?? 0)
      return String
    case 'float':
      return (value) => float(Number(value), type.bits)
    case 'bytes':
      return (value) =>
        typeof value === 'string' ? Buffer.from(value.slice(2), 'hex') : value instanceof Uint8Array ? value : String(value)
    default:
      return (value) => (typeof value === 'string' ? value : (canonicalText(value, { kind: 'float', bits: 64 }) ?? null))
  }
}

/** SQLite stores NaN as NULL: it is held as the text `NaN`, which a REAL column leaves as it is. */
function float(value: number, bits: 32 | 64): Bound {
  if (Number.isNaN(value)) return 'NaN'
  return bits === 32 ? Math.fround(value) : value
}
