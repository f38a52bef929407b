import { ConfigError } from '../core/errors.ts'
import type { Column } from '../core/table.ts'
import { exactCast } from '../duckdb/exact.ts'
import { literal } from '../duckdb/sql.ts'
import { textExpression } from '../duckdb/text.ts'
import { duckdbType } from '../duckdb/types.ts'
import type { Engine } from './engine.ts'
import { heldAs, heldText, type StagedRelation } from './staged.ts'

/** The greatest value of a column as canonical text, `null` where there is none. */
export async function maximum(engine: Engine, relation: StagedRelation, name: string): Promise<string | null> {
  const column = relation.column(name)
  const cell = `c${relation.index(name)}`
  const number = column.type.kind === 'decimal' && heldAs(relation.held, column) === 'text'
  // Numbers held as text sort by value first; texts of one value's neighbourhood then by their digits.
  const greatest = number ? `arg_max(${cell}, (TRY_CAST(${cell} AS DOUBLE), ${cell}))` : `max(${cell})`
  const [[found = null] = []] = await engine.texts(`SELECT ${heldText(greatest, relation.held, column)} FROM ${relation.from}`)
  return found
}

/** A watermark less a lag, as canonical text of the column's type. */
export async function earlier(engine: Engine, watermark: string, lag: string | number, column: Column): Promise<string> {
  const { type } = column
  const value = exactCast(literal(watermark), type) ?? literal(watermark)
  const expression = isTime(column) ? `${value} - ${interval(lag, column)}` : `${value} - ${amount(lag, column)}`
  const back = `CAST(${expression} AS ${duckdbType(type) ?? 'DECIMAL(38,9)'})`
  const [[found = null] = []] = await engine.texts(`SELECT ${textExpression(back, type)}`)
  return found ?? watermark
}

function isTime({ type }: Column): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamptz'
}

function interval(lag: string | number, column: Column): string {
  if (typeof lag === 'string' && /^\s*\d+(\.\d+)?\s*[a-z]+(\s+\d+(\.\d+)?\s*[a-z]+)*\s*$/i.test(lag)) return `INTERVAL ${literal(lag)}`
  throw badLag(lag, column, 'an interval such as `10 minutes`')
}

function amount(lag: string | number, column: Column): string {
  const text = String(lag).trim()
  const numeric = column.type.kind === 'integer' || column.type.kind === 'decimal' || column.type.kind === 'float'
  if (numeric && /^\d+(\.\d+)?$/.test(text)) return `${text}::${column.type.kind === 'float' ? 'DOUBLE' : 'DECIMAL(38,9)'}`
  throw badLag(lag, column, numeric ? 'a number' : 'a number or time column as cursor')
}

function badLag(lag: string | number, { name, type }: Column, wanted: string): ConfigError {
  return new ConfigError({
    code: 'BAD_LAG',
    message: `\`lag: ${lag}\` does not suit the cursor ${name} (${type.kind}): it needs ${wanted}`,
  })
}
