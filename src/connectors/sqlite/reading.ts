import { canonicalText } from '../../core/canonical.ts'
import type { Column } from '../../core/table.ts'
import type { Value } from '../../core/value.ts'
import { quoteName } from '../sql/quote.ts'
import type { Cell } from './connection.ts'
import { plainDecimal } from './decimal.ts'
import { canonicalTime, type TimeKind } from './moment.ts'
import { affinity, declaredType } from './types.ts'

/** How the cells of one column are read. SQLite's cells have types of their own, whatever the column declares. */
export interface Reading {
  /** An SQL predicate that holds where a cell that is not NULL is what the column's type says; absent where every cell is. */
  readonly fits?: string
  /** A cell that fits and is not NULL as its value; absent where it is that value already. */
  readonly value?: (cell: Exclude<Cell, null>) => Value
  /** An SQL expression for the canonical text of a cell that fits; NULL where it is NULL. */
  readonly text: string
  /** The same as it stands in Syncline's CSV profile. */
  readonly csv: string
}

/** What the parts below say; where `csv` is left out, the text stands in a line of CSV as it is. */
type Parts = Omit<Reading, 'csv'> & { readonly csv?: string }

/** Whole numbers by width, as SQL. */
const ranges = { 8: [-128, 127, 255], 16: [-32768, 32767, 65535], 32: [-2147483648, 2147483647, 4294967295] } as const

export function readingOf(column: Column): Reading {
  const parts = partsOf(column)
  return { ...parts, csv: parts.csv ?? parts.text }
}

function partsOf(column: Column): Parts {
  const cell = quoteName(column.name)
  if (column.untyped) return anything(cell)
  const held = affinity(declaredType(column))
  const { type } = column
  switch (type.kind) {
    case 'boolean':
      return {
        fits: `typeof(${cell}) = 'integer' AND ${cell} IN (0, 1)`,
        value: (value) => value === 1n,
        text: `CASE ${cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END`,
      }
    case 'integer':
      return held === 'TEXT' ? unsignedText(cell) : integer(cell, type.bits, type.signed)
    case 'decimal':
      return held === 'TEXT' ? decimalText(cell) : numeric(cell, type.precision, type.scale ?? 0)
    case 'float':
      return type.bits === 32 ? single(cell) : double(cell)
    case 'text':
      return { fits: ofClass(cell, 'text', type.length), text: cell, csv: quoted(cell) }
    case 'bytes':
      return { fits: ofClass(cell, 'blob', type.length), text: `iif(${cell} IS NULL, NULL, '\\x' || lower(hex(${cell})))` }
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return time(cell, type.kind, 'precision' in type ? type.precision : 0)
    case 'json':
      return { ...anything(cell), fits: `typeof(${cell}) ${held === 'TEXT' ? "= 'text'" : "<> 'blob'"}` }
    case 'uuid':
      return {
        fits: `typeof(${cell}) = 'text' AND ${cell} GLOB '????????-????-????-????-????????????'`,
        value: (value) => String(value).toLowerCase(),
        text: `lower(${cell})`,
      }
    case 'other':
      return anything(cell)
  }
}

function anything(cell: string): Parts {
  const text = `CASE typeof(${cell}) WHEN 'blob' THEN '\\x' || lower(hex(${cell})) WHEN 'real' THEN syncline_double(${cell}) ELSE ${cell} END`
  return { value: anyText, text: `CAST(${text} AS TEXT)`, csv: quoted(text) }
}

function anyText(cell: Exclude<Cell, null>): string {
  return typeof cell === 'string' ? cell : (canonicalText(cell, { kind: 'float', bits: 64 }) ?? '')
}

function integer(cell: string, bits: 8 | 16 | 32 | 64, signed: boolean): Parts {
  const whole = `typeof(${cell}) = 'integer'`
  if (bits === 64) return { fits: whole, text: cell }
  const [least, most, unsignedMost] = ranges[bits]
  return { fits: `${whole} AND ${cell} BETWEEN ${signed ? least : 0} AND ${signed ? most : unsignedMost}`, value: Number, text: cell }
}

function unsignedText(cell: string): Parts {
  return {
    fits: `typeof(${cell}) = 'text' AND ${cell} GLOB '[0-9]*' AND ${cell} NOT GLOB '*[^0-9]*'`,
    value: (value) => BigInt(String(value)),
    text: cell,
  }
}

function decimalText(cell: string): Parts {
  const digits = `(${cell} GLOB '*[0-9]*' AND ${cell} NOT GLOB '*[^0-9.-]*')`
  return { fits: `typeof(${cell}) = 'text' AND (${digits} OR ${cell} IN ('NaN', 'Infinity', '-Infinity'))`, text: cell }
}

/** A decimal in a column of NUMERIC affinity is an integer or a float; the shortest text of a float invents no digits. */
function numeric(cell: string, precision: number | undefined, scale: number): Parts {
  const number = `typeof(${cell}) IN ('integer', 'real')`
  const inRange = precision === undefined ? '' : ` AND ${cell} = round(${cell}, ${scale}) AND abs(${cell}) < 1e${precision - scale}`
  return {
    fits: precision === undefined ? `(${number} OR ${cell} IN ('NaN', 'Infinity', '-Infinity'))` : number + inRange,
    value: (value) => (typeof value === 'number' ? plainDecimal(value) : String(value)),
    text: `CASE typeof(${cell}) WHEN 'real' THEN syncline_decimal(${cell}) ELSE ${cell} END`,
  }
}

/** SQLite stores NaN as NULL, so it is held as the text `NaN`. */
function double(cell: string): Parts {
  return { fits: `(typeof(${cell}) = 'real' OR ${cell} = 'NaN')`, value: Number, text: `syncline_double(${cell})` }
}

function single(cell: string): Parts {
  return { fits: `(syncline_is_single(${cell}) OR ${cell} = 'NaN')`, value: Number, text: `syncline_single(${cell})` }
}

function ofClass(cell: string, storage: 'text' | 'blob', length: number | undefined): string {
  return `typeof(${cell}) = '${storage}'${length === undefined ? '' : ` AND length(${cell}) <= ${length}`}`
}

const day = '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
const clock = '[0-9][0-9]:[0-9][0-9]:[0-9][0-9]'
const shapes: Readonly<Record<TimeKind, string>> = { date: day, time: clock, timestamp: `${day} ${clock}`, timestamptz: `${day} ${clock}` }
const canonical = /^(?:\d{4}-\d\d-\d\d)?(?:(?:^| )\d\d:\d\d:\d\d(?:\.\d*[1-9])?(?:\+00)?)?$/

/** Texts in the canonical form are told apart by SQL alone, which is fast; every other spelling is a function's to judge. */
function time(cell: string, kind: TimeKind, precision: number): Parts {
  const isCanonical = canonicalShape(cell, kind, precision)
  return {
    fits: `typeof(${cell}) = 'text' AND (${isCanonical} OR syncline_is_time('${kind}', ${precision}, ${cell}))`,
    value: (value) => (canonical.test(String(value)) ? value : (canonicalTime(String(value), kind) ?? value)),
    text: `CASE WHEN ${isCanonical} THEN ${cell} ELSE syncline_time('${kind}', ${cell}) END`,
  }
}

function canonicalShape(cell: string, kind: TimeKind, precision: number): string {
  const shape = shapes[kind]
  const zone = kind === 'timestamptz' ? '+00' : ''
  const whole = `${cell} GLOB '${shape}${zone}'`
  if (kind === 'date' || precision === 0) return whole
  const point = kind === 'time' ? 9 : 20
  const fraction = `substr(${cell}, ${point}, length(${cell}) - ${point - 1 + zone.length})`
  const short = `length(${cell}) <= ${point + precision + zone.length}`
  return `(${whole} OR ${cell} GLOB '${shape}.*[1-9]${zone}' AND ${short} AND rtrim(${fraction}, '0123456789') = '.')`
}

/** A field of the CSV profile: in quotes where it holds what ends a field, and where it is empty, so that it differs from NULL. */
function quoted(text: string): string {
  const plain = `${text} <> '' AND ${text} NOT GLOB '*[",' || char(10, 13) || ']*'`
  return `CASE WHEN ${plain} THEN ${text} ELSE '"' || replace(${text}, '"', '""') || '"' END`
}
