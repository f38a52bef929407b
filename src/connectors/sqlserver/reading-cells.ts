import { RunError } from '../../core/errors.ts'
import type { Value } from '../../core/value.ts'
import { characters, type SystemType } from './system-type.ts'

/** How a column is read: in SQL, such that the driver hands over nothing that it would bend, and then in JavaScript. */
export interface CellReading {
  /** The cell as SQL that keeps NULL. */
  expression(cell: string): string
  /** What the driver hands over, which is not NULL, as the contract wants it. */
  value(handed: unknown): Value
}

/** The driver makes numbers of decimals and `Date`s of times: those are converted to text by the server. */
export function cellReading(type: SystemType): CellReading {
  const { name, scale } = type
  switch (name) {
    case 'bit':
      return { expression: asItIs, value: (handed) => as('boolean', handed) }
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'real':
    case 'float':
      return { expression: asItIs, value: (handed) => as('number', handed) }
    case 'bigint':
      return { expression: asItIs, value: (handed) => BigInt(as('string', handed)) }
    case 'timestamp':
    case 'rowversion':
      return { expression: (cell) => `CONVERT(binary(8), ${cell})`, value: (handed) => bytes(handed).readBigUInt64BE() }
    case 'decimal':
    case 'numeric':
      return { expression: (cell) => `CONVERT(varchar(41), ${cell})`, value: text }
    case 'money':
    case 'smallmoney':
      return { expression: (cell) => `CONVERT(varchar(41), CONVERT(decimal(19,4), ${cell}))`, value: text }
    case 'date':
      return { expression: (cell) => `CONVERT(varchar(10), ${cell}, 23)`, value: text }
    case 'time':
      return { expression: (cell) => `CONVERT(varchar(16), ${cell})`, value: shortTime }
    case 'smalldatetime':
      return { expression: (cell) => `CONVERT(varchar(19), ${cell}, 120)`, value: text }
    case 'datetime':
      return { expression: (cell) => `CONVERT(varchar(23), ${cell}, 121)`, value: shortTime }
    case 'datetime2':
      return { expression: (cell) => `CONVERT(varchar(27), ${cell}, 121)`, value: shortTime }
    case 'datetimeoffset':
      return {
        expression: (cell) => `CONVERT(varchar(27), CONVERT(datetime2(${scale}), SWITCHOFFSET(${cell}, '+00:00')), 121)`,
        value: (handed) => `${shortTime(handed)}+00`,
      }
    case 'uniqueidentifier':
      return { expression: (cell) => `LOWER(CONVERT(varchar(36), ${cell}))`, value: text }
    case 'binary':
    case 'varbinary':
    case 'image':
      return { expression: asItIs, value: bytes }
    default:
      return { expression: textExpression(type), value: text }
  }
}

/** Texts of every kind as Unicode: code pages are the server's business. Padding of `char(n)` means nothing. */
function textExpression(type: SystemType): (cell: string) => string {
  switch (type.name) {
    case 'nvarchar':
      return asItIs
    case 'nchar':
      return (cell) => `RTRIM(${cell})`
    case 'char':
      return (cell) => `RTRIM(CONVERT(nvarchar(${unicodeLength(type)}), ${cell}))`
    case 'varchar':
      return (cell) => `CONVERT(nvarchar(${unicodeLength(type)}), ${cell})`
    case 'sql_variant':
      return (cell) => `CONVERT(nvarchar(4000), ${cell})`
    case 'hierarchyid':
      return (cell) => `${cell}.ToString()`
    case 'geography':
    case 'geometry':
      return (cell) => `N'SRID=' + CONVERT(nvarchar(11), ${cell}.STSrid) + N';' + ${cell}.AsTextZM()`
    default:
      return type.assembly ? (cell) => `${cell}.ToString()` : (cell) => `CONVERT(nvarchar(max), ${cell})`
  }
}

function unicodeLength(type: SystemType): number | 'max' {
  const length = characters(type)
  return length === undefined || length > 4_000 ? 'max' : length
}

function asItIs(cell: string): string {
  return cell
}

function text(handed: unknown): string {
  return as('string', handed)
}

/** A clock's fraction without trailing zeros. */
function shortTime(handed: unknown): string {
  const whole = as('string', handed)
  return whole.includes('.') ? whole.replace(/\.?0+$/, '') : whole
}

function bytes(handed: unknown): Buffer {
  if (Buffer.isBuffer(handed)) return handed
  throw unexpected('bytes', handed)
}

type Primitives = { readonly boolean: boolean; readonly number: number; readonly string: string }

function as<Name extends keyof Primitives>(name: Name, handed: unknown): Primitives[Name] {
  if (typeof handed === name) return handed as Primitives[Name]
  throw unexpected(name, handed)
}

function unexpected(expected: string, handed: unknown): RunError {
  return new RunError({
    code: 'DRIVER_MISMATCH',
    message: `the driver of SQL Server handed over ${handed === null ? 'NULL' : typeof handed} where ${expected} was expected`,
    hint: 'this looks like a defect: please report it with the types of the table',
  })
}
