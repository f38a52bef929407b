import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { characters, type SystemType } from './system-type.ts'

/** The canonical type of a column. */
export function canonicalType(type: SystemType): Type {
  const { name, precision, scale } = type
  switch (name) {
    case 'bit':
      return { kind: 'boolean' }
    case 'tinyint':
      return { kind: 'integer', bits: 8, signed: false }
    case 'smallint':
      return { kind: 'integer', bits: 16, signed: true }
    case 'int':
      return { kind: 'integer', bits: 32, signed: true }
    case 'bigint':
      return { kind: 'integer', bits: 64, signed: true }
    case 'timestamp':
    case 'rowversion':
      // Eight bytes that count up within the database: their order is that of unsigned numbers.
      return { kind: 'integer', bits: 64, signed: false }
    case 'decimal':
    case 'numeric':
      return { kind: 'decimal', precision, scale }
    case 'money':
      return { kind: 'decimal', precision: 19, scale: 4 }
    case 'smallmoney':
      return { kind: 'decimal', precision: 10, scale: 4 }
    case 'real':
      return { kind: 'float', bits: 32 }
    case 'float':
      return { kind: 'float', bits: 64 }
    case 'char':
    case 'varchar':
    case 'nchar':
    case 'nvarchar':
    case 'text':
    case 'ntext':
      return sized('text', name.endsWith('text') ? undefined : characters(type))
    case 'binary':
    case 'varbinary':
    case 'image':
      return sized('bytes', name === 'image' ? undefined : characters(type))
    case 'date':
      return { kind: 'date' }
    case 'time':
      return { kind: 'time', precision: scale }
    case 'smalldatetime':
      return { kind: 'timestamp', precision: 0 }
    case 'datetime':
      return { kind: 'timestamp', precision: 3 }
    case 'datetime2':
      return { kind: 'timestamp', precision: scale }
    case 'datetimeoffset':
      return { kind: 'timestamptz', precision: scale }
    case 'uniqueidentifier':
      return { kind: 'uuid' }
    case 'json':
      return { kind: 'json' }
    default:
      return { kind: 'other' }
  }
}

function sized(kind: 'text' | 'bytes', length: number | undefined): Type {
  return length === undefined ? { kind } : { kind, length }
}

/** What a column of a type, or of SQL Server's own type of that name, holds: years of four digits, and no infinity. */
export function limitsOf(type: Type, native: string): Pick<Column, 'limits'> {
  switch (type.kind) {
    case 'float':
    case 'decimal':
      return { limits: { finite: true } }
    case 'date':
      return { limits: { least: '0001-01-01', greatest: '9999-12-31' } }
    case 'time':
      return { limits: { least: '00:00:00', greatest: `23:59:59${nines(type.precision)}` } }
    case 'timestamp':
      if (native === 'smalldatetime') return { limits: { least: '1900-01-01 00:00:00', greatest: '2079-06-06 23:59:00' } }
      if (native === 'datetime') return { limits: { least: '1753-01-01 00:00:00', greatest: '9999-12-31 23:59:59.997' } }
      return { limits: { least: '0001-01-01 00:00:00', greatest: `9999-12-31 23:59:59${nines(type.precision)}` } }
    case 'timestamptz':
      return { limits: { least: '0001-01-01 00:00:00+00', greatest: `9999-12-31 23:59:59${nines(type.precision)}+00` } }
    default:
      return {}
  }
}

function nines(precision: number): string {
  return precision === 0 ? '' : `.${'9'.repeat(precision)}`
}

/** The column as SQL Server would create it for a value of its type; its own types are kept, as far as they can be written. */
export function adopt(column: Column): Column {
  const { name, type, nullable, native, folding, untyped } = column
  if (native?.system === 'sqlserver' && native.name !== 'rowversion' && native.name !== 'sql_variant')
    return { name, type, nullable, native, ...(folding ? { folding } : {}), ...limitsOf(type, native.name) }
  const adopted = untyped ? ({ kind: 'text' } as const) : withinLimits(type)
  return { name, type: adopted, nullable, native: { system: 'sqlserver', name: nativeName(adopted) }, ...limitsOf(adopted, '') }
}

/** Digits of the widest decimal, and of those the ones after the point where no scale is declared. */
const mostDigits = 38
const assumedScale = 15

/** The type as far as SQL Server has it: 38 digits, 100 nanoseconds, 4,000 declared UTF-16 units. */
function withinLimits(type: Type): Type {
  switch (type.kind) {
    case 'integer':
      return storedInteger(type.bits, type.signed)
    case 'decimal':
      return storedDecimal(type.precision, type.scale ?? 0)
    case 'text':
      // A character takes one or two units.
      return type.length !== undefined && type.length >= 1 && type.length <= 2_000
        ? { kind: 'text', length: 2 * type.length }
        : { kind: 'text' }
    case 'bytes':
      return type.length !== undefined && type.length >= 1 && type.length <= 8_000 ? type : { kind: 'bytes' }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { kind: type.kind, precision: Math.min(type.precision, 7) }
    case 'json':
    case 'other':
      return { kind: 'text' }
    default:
      return type
  }
}

/** The smallest of SQL Server's integers that holds all values; its only unsigned one has 8 bits. */
function storedInteger(bits: 8 | 16 | 32 | 64, signed: boolean): Type {
  if (bits === 8 && !signed) return { kind: 'integer', bits: 8, signed: false }
  if (bits === 8 || (bits === 16 && signed)) return { kind: 'integer', bits: 16, signed: true }
  if (bits === 16 || (bits === 32 && signed)) return { kind: 'integer', bits: 32, signed: true }
  if (bits === 32 || signed) return { kind: 'integer', bits: 64, signed: true }
  return { kind: 'decimal', precision: 20, scale: 0 }
}

/** What a decimal of more digits cannot hold is refused value by value; it is never rounded. */
function storedDecimal(precision: number | undefined, scale: number): Type {
  if (precision === undefined) return { kind: 'decimal', precision: mostDigits, scale: assumedScale }
  return { kind: 'decimal', precision: Math.min(precision, mostDigits), scale: Math.min(scale, mostDigits) }
}

function nativeName(type: Type): string {
  switch (type.kind) {
    case 'boolean':
      return 'bit'
    case 'integer':
      return type.signed ? { 8: 'smallint', 16: 'smallint', 32: 'int', 64: 'bigint' }[type.bits] : 'tinyint'
    case 'decimal':
      return `decimal(${type.precision ?? mostDigits},${type.scale ?? 0})`
    case 'float':
      return type.bits === 32 ? 'real' : 'float'
    case 'bytes':
      return `varbinary(${type.length ?? 'max'})`
    case 'time':
      return `time(${type.precision})`
    case 'timestamp':
      return `datetime2(${type.precision})`
    case 'timestamptz':
      return `datetimeoffset(${type.precision})`
    case 'date':
      return 'date'
    case 'uuid':
      return 'uniqueidentifier'
    default:
      return `nvarchar(${type.kind === 'text' ? (type.length ?? 'max') : 'max'})`
  }
}
