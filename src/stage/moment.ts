import type { Type } from '../core/types.ts'
import { exactCast } from '../duckdb/exact.ts'
import { literal } from '../duckdb/sql.ts'
import { textExpression } from '../duckdb/text.ts'
import { firstInstantAt, wallAt } from '../duckdb/zones.ts'
import type { Engine } from './engine.ts'

export interface Crossing {
  readonly from: Type
  readonly to: Type
  /** IANA name. */
  readonly zone: string
}

/** A bound of a cursor on the other side of a zone, as canonical text; digits past the microsecond are cut off. */
export async function moment(engine: Engine, text: string, { from, to, zone }: Crossing): Promise<string | null> {
  const precise = (kind: Type['kind']): Type => (kind === 'timestamp' ? { kind, precision: 6 } : { kind: 'timestamptz', precision: 6 })
  const value = exactCast(literal(text.replace(/(\.\d{6})\d+/, '$1')), precise(from.kind)) ?? 'NULL'
  const moved = to.kind === 'timestamp' ? wallAt(`(${value})`, zone) : firstInstantAt(`(${value})`, zone)
  const [[found = null] = []] = await engine.texts(`SELECT ${textExpression(`(${moved})`, precise(to.kind))}`)
  return found
}
