import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { exactCast } from '../../duckdb/exact.ts'
import { identifier, literal } from '../../duckdb/sql.ts'
import { textExpression } from '../../duckdb/text.ts'
import { duckdbType } from '../../duckdb/types.ts'
import { misfitMark } from './errors.ts'
import { nativeType } from './types.ts'

/** A cell as the DuckDB type of the column's canonical type: its canonical text in VARCHAR where there is none. */
export function nativeCell(column: Column): string {
  const cell = identifier(column.name)
  const held = duckdbType(column.type)
  if (held === undefined) return shownText(cell, nativeType(column))
  return sameTypeName(held, nativeType(column)) ? cell : `${cell}::${held}`
}

/** DuckDB quotes texts within lists, but not within arrays of a fixed length, whose text would then not read back. */
function shownText(cell: string, native: string): string {
  const lists = native.replace(/\[\d+\]/g, '[]')
  return lists === native ? `${cell}::VARCHAR` : `${cell}::${lists}::VARCHAR`
}

/** A cell's canonical text. */
export function textCell(column: Column): string {
  return duckdbType(column.type) === undefined ? nativeCell(column) : textExpression(nativeCell(column), column.type)
}

/** Whether two names are of one type: DuckDB's catalog spells one of them out. */
function sameTypeName(one: string, other: string): boolean {
  return shortName(one) === shortName(other)
}

/**
 * Incoming cells as the column's own type, in two steps so that a cast that fails is told from NULL: `cast` is NULL where
 * the cell is no exact value of the column; absent where every cell is one.
 */
export function incomingCast(cell: string, from: { readonly native: string; readonly type: Type }, to: Column): string | undefined {
  const native = nativeType(to)
  if (sameTypeName(from.native, native)) return undefined
  if (from.native === 'VARCHAR') return textCast(cell, to)
  const text =
    duckdbType(from.type) && sameTypeName(duckdbType(from.type) ?? '', from.native) ? textExpression(cell, from.type) : `${cell}::VARCHAR`
  return textCast(text, to) ?? text
}

/** A misfit ends the statement and names the column; `cast` and `cell` are names of columns. */
export function orMisfit(cast: string, cell: string, column: Column): string {
  return `CASE WHEN ${cast} IS NULL AND ${cell} IS NOT NULL THEN error(${literal(misfitMark + column.name)}) ELSE ${cast} END`
}

/** Canonical text, or other allowed text, as the column's own type, NULL where it is not exactly one of its values. */
export function textCast(text: string, column: Column): string | undefined {
  const native = nativeType(column)
  if (native === 'VARCHAR') return undefined
  const cast = `TRY_CAST(${text} AS ${native})`
  const { type } = column
  if (type.kind === 'decimal' && duckdbType(type) === undefined)
    return `CASE WHEN regexp_full_match(${text}, '[+-]?\\d+(\\.0*)?') THEN ${cast} END`
  if (type.kind === 'time' && type.precision > 6)
    return `CASE WHEN regexp_full_match(${text}, '\\d\\d?:\\d\\d(:\\d\\d(\\.\\d{0,9}0*)?)?') THEN ${cast} END`
  if (type.kind === 'timestamp' && type.precision > 6) {
    return `CASE WHEN regexp_full_match(${text}, '\\d{4}-\\d\\d?-\\d\\d?([ T]\\d\\d?:\\d\\d(:\\d\\d(\\.\\d{0,9}0*)?)?)?|-?infinity') THEN ${cast} END`
  }
  const exact = exactCast(text, type)
  if (exact === undefined) return cast
  return sameTypeName(duckdbType(type) ?? '', native) ? exact : `(${exact})::${native}`
}

function shortName(name: string): string {
  return name === 'TIMESTAMP WITH TIME ZONE' ? 'TIMESTAMPTZ' : name
}
