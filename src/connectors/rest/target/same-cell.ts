import { canonicalText } from '../../../core/canonical.ts'
import type { Column } from '../../../core/table.ts'
import type { Value } from '../../../core/value.ts'
import { formatExact, type Json, scalarText } from '../source/exact-json.ts'
import { normalJson } from './json-path.ts'

/** Whether what an API shows is a cell, however it spells it: `1.50` and `1.5`, `2024-01-31T10:00:00.000Z` and `2024-01-31 10:00:00+00`. */
export function isSameCell(shown: Json, cell: Value, { type }: Column): boolean {
  const text = canonicalText(cell, type)
  if (text === null || shown === null) return shown === null && (text === null || text === 'null')
  if (type.kind === 'json') return formatExact(shown) === normalJson(text)
  const found = typeof shown === 'boolean' ? String(shown) : scalarText(shown)
  if (found === undefined || found === text) return found !== undefined
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      return isSame(plainNumber(found), plainNumber(text))
    case 'float':
      return isFloat(found) && Number(found) === Number(text)
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return isSame(moment(found), moment(text))
    default:
      return false
  }
}

function isSame(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one === other
}

function isFloat(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)
}

/** Digits without an exponent and without zeros that say nothing; `undefined` where it is no number. */
function plainNumber(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,4}))?$/i.exec(text) ?? []
  if (whole === '') return undefined
  const digits = `${whole}${fraction}`
  const point = whole.length + Number(exponent)
  const padded = digits.padStart(digits.length + Math.max(0, -point), '0').padEnd(point, '0')
  const at = Math.max(point, 0)
  const plain = `${padded.slice(0, at).replace(/^0+/, '')}.${padded.slice(at).replace(/0+$/, '')}`
  return plain === '.' ? '0' : `${sign === '-' ? '-' : ''}${plain}`
}

const spelled = /^(?:(\d{4})-(\d\d)-(\d\d))?[T ]?(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** As RFC 3339 or canonical text has it, in UTC where it says how far it is from there. */
function moment(text: string): string | undefined {
  const [whole, year, month, day, hour, minute, second, fraction = '', zone] = spelled.exec(text) ?? []
  if (whole === undefined) return undefined
  const clock = Date.UTC(Number(year ?? 2000), Number(month ?? 1) - 1, Number(day ?? 1), Number(hour), Number(minute), Number(second))
  const instant = clock - offsetOf(zone) * 60_000
  return `${instant} ${fraction.replace(/0+$/, '')} ${year === undefined} ${zone === undefined}`
}

/** Minutes. */
function offsetOf(zone = 'Z'): number {
  if (/^z$/i.test(zone)) return 0
  const [, sign, hours, minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
