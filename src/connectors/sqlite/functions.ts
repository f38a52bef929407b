import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import type { DatabaseSync, FunctionOptions, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { canonicalText } from '../../core/canonical.ts'
import { compareDecimals, normalDecimal, plainDecimal } from './decimal.ts'
import { canonicalTime, momentOrder, type TimeKind } from './moment.ts'

/** What SQL of this connector calls where SQLite has no function that is exact. */
export function registerFunctions(database: DatabaseSync): void {
  const options: FunctionOptions = { deterministic: true, directOnly: true, useBigIntArguments: true }
  const define = (name: string, call: (...cells: SQLOutputValue[]) => SQLInputValue) => database.function(`syncline_${name}`, options, call)
  define('double', (cell) => (typeof cell === 'number' ? canonicalText(cell, { kind: 'float', bits: 64 }) : (cell ?? null)))
  define('single', (cell) => (typeof cell === 'number' ? canonicalText(cell, { kind: 'float', bits: 32 }) : (cell ?? null)))
  define('is_single', (cell) => (typeof cell === 'number' && Object.is(Math.fround(cell), cell) ? 1 : 0))
  define('decimal', (cell) => (typeof cell === 'number' ? plainDecimal(cell) : (cell ?? null)))
  define('is_utf8', (cell) => (cell instanceof Uint8Array && isUtf8(cell) ? 1 : 0))
  define('time', (kind, cell) => (typeof cell === 'string' ? (canonicalTime(cell, kind as TimeKind) ?? cell) : (cell ?? null)))
  define('is_time', (kind, precision, cell) => (isTime(kind as TimeKind, Number(precision), cell) ? 1 : 0))
  define('same', (kind, cell, before) => (sameCell(String(kind), cell, before) ? 1 : 0))
  define('at_least', (kind, cell, from) => (isAtLeast(String(kind), cell, from) ? 1 : 0))
  define('md5', (text, digits) => BigInt(`0x${hash('md5', provable(String(text))).slice(0, Number(digits))}`))
  // SQLite's own sum has 64 bits.
  database.aggregate('syncline_sum', { ...options, start: () => 0n, step: addUp, result: String })
}

/** Bytes that are not UTF-8 arrive as this character: such a text is hashed as no other, so that it is read, and refused. */
function provable(text: string): string {
  return text.includes('\uFFFD') ? `${text} or bytes that are not UTF-8` : text
}

function addUp(sum: bigint, term: SQLOutputValue): bigint {
  return typeof term === 'bigint' ? sum + term : sum
}

function isTime(kind: TimeKind, precision: number, cell: SQLOutputValue | undefined): boolean {
  const text = typeof cell === 'string' ? canonicalTime(cell, kind) : undefined
  return text !== undefined && (/\.(\d+)/.exec(text)?.[1]?.length ?? 0) <= precision
}

/** Whether a cell spells the value that was read: `10:00:00.500` and `10:00:00.5`, `1.5` and `1.50`. */
function sameCell(kind: string, cell: SQLOutputValue | undefined, before: SQLOutputValue | undefined): boolean {
  if (cell == null || before == null) return cell === before
  return normalText(kind, cell) === normalText(kind, before)
}

function normalText(kind: string, cell: SQLOutputValue): string {
  if (kind === 'text') return canonicalText(cell, { kind: 'float', bits: 64 }) ?? ''
  const text = typeof cell === 'number' ? plainDecimal(cell) : String(cell)
  switch (kind) {
    case 'decimal':
      return normalDecimal(text)
    case 'uuid':
      return text.toLowerCase()
    case 'boolean':
      return /^(1|t|true|y|yes|on)$/i.test(text) ? 'true' : /^(0|f|false|n|no|off)$/i.test(text) ? 'false' : text
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return canonicalTime(text, kind) ?? text
    default:
      return text
  }
}

function isAtLeast(kind: string, cell: SQLOutputValue | undefined, from: SQLOutputValue | undefined): boolean {
  if (cell == null || from == null) return false
  if (kind === 'decimal') return compareDecimals(normalText(kind, cell), String(from)) >= 0
  const [moment, bound] = [momentOrder(String(cell)), momentOrder(String(from))]
  return moment !== undefined && bound !== undefined && moment >= bound
}
