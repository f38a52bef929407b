import { isExtreme } from '../core/canonical.ts'
import { ConfigError, RunError } from '../core/errors.ts'
import type { Column } from '../core/table.ts'
import { formatType } from '../core/types.ts'
import { exactCast } from '../duckdb/exact.ts'
import { exactText } from '../duckdb/exact-text.ts'
import { literal } from '../duckdb/sql.ts'
import { textExpression } from '../duckdb/text.ts'
import { duckdbType } from '../duckdb/types.ts'
import type { Engine } from './engine.ts'
import { isBounded, orderOf, orderOfText } from './order.ts'
import { heldText, type StagedRelation } from './staged.ts'

/** The greatest finite value of a column as canonical text, `null` where there is none: nothing would ever come after `infinity`. */
export async function maximum(engine: Engine, relation: StagedRelation, name: string): Promise<string | null> {
  const column = relation.column(name)
  const { held } = relation
  const cell = `c${relation.index(name)}`
  const order = orderOf(cell, column, held)
  const greatest = `${order === cell ? `max(${cell})` : `arg_max(${cell}, ${order})`} FILTER (${isBounded(cell, column, held)})`
  const [[found = null] = []] = await engine.texts(`SELECT ${heldText(greatest, held, column)} FROM ${relation.from}`)
  return found
}

/**
 * A watermark less a lag, as canonical text of the column's type.
 * @throws ConfigError where the lag does not suit the column, RunError where the watermark is no value of it.
 */
export async function earlier(engine: Engine, watermark: string, lag: string | number, column: Column): Promise<string> {
  const { type } = column
  const text = literal(watermark)
  const back = isNothing(lag) ? undefined : isTime(column) ? interval(lag, column) : amount(lag, column)
  if (isExtreme(watermark, type) && hasLater(watermark, column)) return watermark
  const [[canonical = null] = []] = await engine.texts(`SELECT ${exactText(text, type)}`)
  if (canonical === null || !hasLater(watermark, column)) throw badWatermark(column)
  if (back === undefined) return canonical
  const value = `${exactCast(text, type) ?? text} - ${back}`
  const [[found = null] = []] = await engine.texts(
    `SELECT ${textExpression(`CAST(${value} AS ${duckdbType(type) ?? 'DECIMAL(38,9)'})`, type)}`,
  )
  return found ?? canonical
}

/** Which of two watermarks of a column comes first. */
export async function lesser(engine: Engine, one: string, other: string, column: Column): Promise<string> {
  const [a, b] = [literal(one), literal(other)]
  const [[found = null] = []] = await engine.texts(`SELECT if(${orderOfText(a, column)} < ${orderOfText(b, column)}, ${a}, ${b})`)
  return found ?? one
}

function hasLater(watermark: string, column: Column): boolean {
  return !(isNumber(column) || isTime(column)) || !/^(nan|-?infinity)$/i.test(watermark)
}

function isNothing(lag: string | number): boolean {
  return /^0+(\.0+)?$/.test(String(lag).trim())
}

function isTime({ type }: Column): boolean {
  return type.kind === 'date' || type.kind === 'timestamp' || type.kind === 'timestamptz'
}

function isNumber({ type }: Column): boolean {
  return type.kind === 'integer' || type.kind === 'decimal' || type.kind === 'float'
}

function interval(lag: string | number, column: Column): string {
  if (typeof lag === 'string' && /^\s*\d+(\.\d+)?\s*[a-z]+(\s+\d+(\.\d+)?\s*[a-z]+)*\s*$/i.test(lag)) return `INTERVAL ${literal(lag)}`
  throw badLag(lag, column, 'an interval such as `10 minutes`')
}

function amount(lag: string | number, column: Column): string {
  const text = String(lag).trim()
  const numeric = isNumber(column)
  if (numeric && /^\d+(\.\d+)?$/.test(text)) return `${text}::${column.type.kind === 'float' ? 'DOUBLE' : 'DECIMAL(38,9)'}`
  throw badLag(lag, column, numeric ? 'a number' : 'a number or time column as cursor')
}

function badLag(lag: string | number, { name, type }: Column, wanted: string): ConfigError {
  return new ConfigError({
    code: 'BAD_LAG',
    message: `\`lag: ${lag}\` does not suit the cursor ${name} (${type.kind}): it needs ${wanted}`,
  })
}

function badWatermark({ name, type }: Column): RunError {
  return new RunError({
    code: 'BAD_WATERMARK',
    message: `the watermark is no value of the cursor ${name}, which is ${formatType(type)}`,
    hint: 'read everything again once: `syncline state reset`',
  })
}
