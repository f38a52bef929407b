import type { DatabaseSync } from 'node:sqlite'
import type { Column } from '../../core/table.ts'
import { quoteName } from '../sql/quote.ts'
import { bindingOf } from './binding.ts'
import { normalDecimal, plainDecimal } from './decimal.ts'
import { readingOf } from './reading.ts'
import { affinity, declaredType } from './types.ts'

/** Whether a column stores a text so that it reads back as the same value; `undefined` where it keeps every text. */
export function textKeeper(column: Column): ((text: string) => boolean) | undefined {
  const held = affinity(declaredType(column))
  if (held === 'TEXT' || held === 'BLOB') return undefined
  if (column.type.kind === 'decimal') return keepsDecimal
  return (text) => !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text)
}

/** A NUMERIC column holds a decimal as a 64-bit integer or as a float. */
function keepsDecimal(text: string): boolean {
  if (!/\d/.test(text)) return true
  const normal = normalDecimal(text)
  if (normalDecimal(plainDecimal(Number(text))) === normal) return true
  return !normal.includes('.') && BigInt.asIntN(64, BigInt(normal)) === BigInt(normal)
}

/**
 * The texts as a column of this declared type stores and shows them; `null` for one that it would change in value, or that
 * is no JSON for a JSON column. A table that only this connection sees tells.
 */
export function storedTexts(database: DatabaseSync, column: Column, texts: readonly string[]): readonly (string | null)[] {
  const cell = quoteName(column.name)
  const table = `temp.${quoteName('syncline_stored')}`
  database.exec(`DROP TABLE IF EXISTS ${table}; CREATE TEMP TABLE "syncline_stored" (${cell} ${declaredType(column)})`)
  const insert = database.prepare(`INSERT INTO ${table} VALUES (?)`)
  const read = database.prepare(`SELECT ${cell}, ${column.type.kind === 'json' ? `json_valid(${cell})` : '1'} FROM ${table}`)
  const clear = database.prepare(`DELETE FROM ${table}`)
  read.setReturnArrays(true)
  read.setReadBigInts(true)
  const bind = bindingOf(column)
  const { value } = readingOf(column)
  return texts.map((text) => {
    clear.run()
    insert.run(bind(text))
    const [stored, valid] = read.get() as unknown as [null | string | bigint | number, bigint]
    if (stored === null || valid !== 1n) return null
    const shown = String(value ? value(stored) : stored)
    return column.type.kind === 'decimal' && normalDecimal(shown) !== normalDecimal(text) ? null : shown
  })
}
