import { canonicalText } from '../../core/canonical.ts'
import type { Type } from '../../core/types.ts'
import type { Value } from '../../core/value.ts'
import type { Carriage } from './bulk.ts'
import { characters, type SystemType } from './system-type.ts'

/** How a cell goes into a bulk load: as the driver writes it exactly, or as the text that the server converts. */
export interface CellCarrying {
  readonly carriage: Carriage
  /** What is loaded for a cell that is not NULL; `undefined` where the column cannot hold it. */
  carry(value: Exclude<Value, null>): unknown
}

/** @param given the type of the cells that arrive. */
export function cellCarrying(type: SystemType, given: Type): CellCarrying {
  const scale = fractionDigits(type)
  const text = (value: Exclude<Value, null>) => canonicalText(value, given) ?? ''
  switch (type.name) {
    case 'bit':
      return { carriage: { as: 'boolean' }, carry: (value) => booleanOf(text(value)) }
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
      return { carriage: { as: 'integer' }, carry: (value) => integerOf(value) }
    case 'real':
    case 'float':
      // Not through text: the server's own reading of 17 digits need not find the nearest number.
      return { carriage: { as: 'float' }, carry: (value) => finite(Number(value)) }
    case 'binary':
    case 'varbinary':
    case 'image':
      return { carriage: { as: 'bytes' }, carry: (value) => fittingBytes(bytesOf(value), type) }
    case 'char':
    case 'nchar':
      return { carriage: textOf(type), carry: (value) => fittingText(text(value).replace(/ +$/, ''), type) }
    case 'varchar':
    case 'nvarchar':
      return { carriage: textOf(type), carry: (value) => fittingText(text(value), type) }
    default: {
      const spell = spelling(type)
      if (spell === undefined) return { carriage: { as: 'text' }, carry: text }
      return { carriage: { as: 'text', length: longestSpelling }, carry: (value) => shortEnough(spell(text(value)), scale) }
    }
  }
}

/** Of numbers and times; what is longer is none that a column holds. */
const longestSpelling = 64

/**
 * How the server itself would spell a canonical text in this type, so that the two can be compared: decimals with all their
 * digits after the point, times with all of their fraction. `undefined` for types whose texts stay as they are.
 */
function spelling(type: SystemType): ((text: string) => string) | undefined {
  const scale = fractionDigits(type)
  switch (type.name) {
    case 'decimal':
    case 'numeric':
    case 'money':
    case 'smallmoney':
      return (text) => fixed(text, scale)
    case 'time':
    case 'datetime2':
    case 'datetime':
    case 'smalldatetime':
      return (text) => padded(text, scale)
    case 'datetimeoffset':
      return (text) => padded(text.replace(/\+00$/, ''), scale)
    case 'date':
    case 'uniqueidentifier':
      return (text) => text
    default:
      return undefined
  }
}

function fractionDigits({ name, scale }: SystemType): number {
  return { money: 4, smallmoney: 4, datetime: 3, smalldatetime: 0 }[name] ?? scale
}

/** With `digits` of a fraction; a longer one loses its zeros only. */
function padded(text: string, digits: number): string {
  const [whole = '', fraction = ''] = text.split('.')
  const shorter = fraction.length > digits ? fraction.replace(/0+$/, '') : fraction
  const all = shorter.padEnd(digits, '0')
  return all === '' ? whole : `${whole}.${all}`
}

/** A decimal as the server spells it: no sign before zero, no zeros before the first digit. */
function fixed(text: string, scale: number): string {
  const spelled = padded(text.replace(/^(-?)0+(?=\d)/, '$1'), scale)
  return /^-[0.]*$/.test(spelled) ? spelled.slice(1) : spelled
}

/** A fraction that is still longer than the column's would be rounded. */
function shortEnough(text: string, scale: number): string | undefined {
  const point = text.indexOf('.')
  return text.length > longestSpelling || (point >= 0 && text.length - point - 1 > scale) ? undefined : text
}

function textOf(type: SystemType): Carriage {
  const length = characters(type)
  return length === undefined || length > 4_000 ? { as: 'text' } : { as: 'text', length }
}

/** SQL Server counts UTF-16 units, of which a character takes one or two; a code page's bytes only the server can count. */
function fittingText(text: string, type: SystemType): string | undefined {
  const length = characters(type)
  return length !== undefined && text.length > length ? undefined : text
}

/** `binary(n)` would fill up what is shorter. */
function fittingBytes(bytes: Uint8Array, type: SystemType): Buffer | undefined {
  const length = type.name === 'image' ? undefined : characters(type)
  const fits = length === undefined || (type.name === 'binary' ? bytes.length === length : bytes.length <= length)
  return fits ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : undefined
}

function bytesOf(value: Exclude<Value, null>): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value).replace(/^\\x/, ''), 'hex')
}

function booleanOf(text: string): boolean {
  return text === 'true' || text === 't' || text === '1'
}

function integerOf(value: Exclude<Value, null>): bigint | undefined {
  const text = String(value)
  if (!/^-?\d+$/.test(text)) return undefined
  const integer = BigInt(text)
  return BigInt.asIntN(64, integer) === integer ? integer : undefined
}

/** SQL Server has neither `NaN` nor infinite numbers. */
function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined
}
