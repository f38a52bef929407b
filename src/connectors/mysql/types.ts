import type { Column, KeyFolding } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'
import { exactCollation, type Server } from './server.ts'

/** What the server says about the type of a column. */
export interface TypeFacts {
  /** Lower case, without arguments: `varchar`, `int`, `json`. */
  readonly name: string
  /** As DDL writes it, display widths left out: `decimal(12,2) unsigned`, `enum('a','b')`. */
  readonly declared: string
  readonly precision?: number
  readonly scale?: number
  /** Characters, or bytes of binary types. */
  readonly length?: number
  /** Digits of a second's fraction. */
  readonly fraction?: number
  readonly collation?: string
}

/** Integers by name, in bits. `mediumint` has 24, which the next larger holds. */
const integers: Readonly<Record<string, 8 | 16 | 32 | 64>> = { tinyint: 8, smallint: 16, mediumint: 32, int: 32, bigint: 64 }

/** What the text types without a length hold, in bytes, which no text of more characters fits into. */
const texts: Readonly<Record<string, number>> = { tinytext: 255, text: 65_535, mediumtext: 16_777_215 }
const blobs: Readonly<Record<string, number>> = { tinyblob: 255, blob: 65_535, mediumblob: 16_777_215 }

/**
 * The canonical type. `time` is kind `other`: it is a duration from -838:59:59 to 838:59:59, which no clock shows. `bit(n)` is
 * an unsigned integer, `year` one of 16 bits.
 */
export function canonicalType(facts: TypeFacts, tinyint1: 'boolean' | 'integer'): Type {
  const { name, declared, length, fraction } = facts
  if (declared === 'bit(1)' || (declared === 'tinyint(1)' && tinyint1 === 'boolean')) return { kind: 'boolean' }
  const bits = integers[name]
  if (bits !== undefined) return { kind: 'integer', bits, signed: !declared.includes('unsigned') }
  switch (name) {
    case 'bit':
      return { kind: 'integer', bits: bitsFor(Number(/\d+/.exec(declared)?.[0] ?? 64)), signed: false }
    case 'year':
      return { kind: 'integer', bits: 16, signed: false }
    case 'decimal':
      return { kind: 'decimal', precision: facts.precision ?? 65, scale: facts.scale ?? 0 }
    case 'float':
      return { kind: 'float', bits: 32 }
    case 'double':
      return { kind: 'float', bits: 64 }
    case 'char':
    case 'varchar':
      return { kind: 'text', ...(length === undefined ? {} : { length }) }
    case 'binary':
    case 'varbinary':
      return { kind: 'bytes', ...(length === undefined ? {} : { length }) }
    case 'longtext':
      return { kind: 'text' }
    case 'longblob':
      return { kind: 'bytes' }
    case 'date':
      return { kind: 'date' }
    case 'datetime':
      return { kind: 'timestamp', precision: fraction ?? 0 }
    case 'timestamp':
      return { kind: 'timestamptz', precision: fraction ?? 0 }
    case 'json':
    case 'uuid':
      return { kind: name }
    default:
      return bounded(name)
  }
}

function bounded(name: string): Type {
  const [text, blob] = [texts[name], blobs[name]]
  if (text !== undefined) return { kind: 'text', length: text }
  return blob === undefined ? { kind: 'other' } : { kind: 'bytes', length: blob }
}

function bitsFor(width: number): 8 | 16 | 32 | 64 {
  return width <= 8 ? 8 : width <= 16 ? 16 : width <= 32 ? 32 : 64
}

/** The type as DDL writes it, its collation included unless it is the one that Syncline gives what it creates. */
export function nativeName({ declared, collation }: TypeFacts, server: Server): string {
  if (declared === 'json') return documents(server)
  if (collation === undefined || collation === exactCollation(server)) return declared
  return `${declared} COLLATE ${collation}`
}

/**
 * MySQL's documents are numbers and members, those of MariaDB are texts. In capitals the type is not taken for MariaDB's, whose
 * texts it would respell.
 */
function documents({ flavor }: Server): string {
  return flavor === 'mysql' ? 'JSON' : 'json'
}

/**
 * How a collation takes different texts as one. What it ignores besides (accents, letters that it has no weights of) only the
 * server knows; of printable ASCII nothing, unless it is one of a language, to which `ch` or `ll` may be a letter.
 */
export function folding({ name, collation }: TypeFacts): KeyFolding | undefined {
  const pad = name === 'char' || (collation !== undefined && !/nopad|_0900_|^binary$/.test(collation))
  const cased = collation === undefined || !/_ci$/.test(collation)
  const told =
    collation === undefined || /(_|^)bin(ary)?$/.test(collation) ? undefined : ofNoLanguage.test(collation) ? 'past ascii' : 'all'
  if (!pad && cased && told === undefined) return undefined
  return {
    ...(cased ? {} : { case: 'unicode' as const }),
    ...(pad ? { pad } : {}),
    ...(pad && name !== 'char' ? { kept: true } : {}),
    ...(told === undefined ? {} : { told }),
  }
}

const ofNoLanguage = /^([a-z0-9]+_)?(general|general1400|swedish|unicode|unicode_520|0900|uca1400)(_nopad)?(_a[is])?_c[is]$/

/** What a column holds of its texts and bytes, which only its own type tells; besides these it has the limits of `limitsOf`. */
export function textLimitsOf({ name, collation }: TypeFacts): Pick<Column, 'limits'> {
  if (name === 'binary') return { limits: { fixed: true } }
  if (name === 'enum' || name === 'set') return { limits: { judged: true } }
  if (collation === undefined) return {}
  if (!collation.startsWith('utf8mb4_')) return { limits: { judged: true } }
  const bytes = texts[name]
  return bytes === undefined ? {} : { limits: { bytes } }
}

/** What a column holds of its type: `date` and `datetime` begin with the first year, `timestamp` is a number of seconds. */
export function limitsOf(type: Type, { flavor, number }: Server): Pick<Column, 'limits'> {
  switch (type.kind) {
    case 'float':
    case 'decimal':
      return { limits: { finite: true } }
    case 'json':
      return flavor === 'mysql' ? { limits: { judged: true } } : {}
    case 'date':
      return { limits: { least: '0001-01-01', greatest: '9999-12-31' } }
    case 'timestamp':
      return { limits: { least: '0001-01-01 00:00:00', greatest: `9999-12-31 23:59:59${nines(type.precision)}` } }
    case 'timestamptz': {
      // MariaDB counts on in 32 bits without a sign.
      const last = flavor === 'mariadb' && number >= 110_500 ? '2106-02-07 06:28:15' : '2038-01-19 03:14:07'
      return { limits: { least: '1970-01-01 00:00:01+00', greatest: `${last}${nines(type.precision)}+00` } }
    }
    default:
      return {}
  }
}

function nines(precision: number): string {
  return precision === 0 ? '' : `.${'9'.repeat(precision)}`
}

/** The column as MySQL would create it for a value of its type; MySQL's own types are kept. */
export function adopt(column: Column, server: Server): Column {
  const { name, type, nullable, native, folding: folded, untyped } = column
  if (native?.system === 'mysql') {
    const known = ownType(native.name, server)
    if (known !== undefined)
      return {
        name,
        type,
        nullable,
        native: { system: 'mysql', name: known },
        ...(folded ? { folding: folded } : {}),
        ...limitsOf(type, server),
      }
  }
  const [adopted, declared] = untyped ? ([{ kind: 'text' }, 'longtext'] as const) : stored(type, server)
  return { name, type: adopted, nullable, native: { system: 'mysql', name: declared }, ...limitsOf(adopted, server) }
}

/** A native type of the other flavor's server, as far as this one has it: its collations give way to the exact one. */
function ownType(name: string, server: Server): string | undefined {
  const { flavor } = server
  if (/^json$/i.test(name)) return documents(server)
  if (flavor === 'mysql' && /^(uuid|inet4|inet6|vector)\b/.test(name)) return undefined
  const foreign = flavor === 'mysql' ? / COLLATE \S*(_nopad_|uca1400|_myanmar_|_thai_520_)\S*/ : / COLLATE \S*_0900_\S*/
  return name.replace(foreign, '')
}

/** The type that holds every value, as the column is described afterwards, and its DDL. */
function stored(type: Type, server: Server): readonly [Type, string] {
  switch (type.kind) {
    case 'boolean':
      return [type, 'tinyint(1)']
    case 'integer': {
      const name = { 8: 'tinyint', 16: 'smallint', 32: 'int', 64: 'bigint' }[type.bits]
      return [type, type.signed ? name : `${name} unsigned`]
    }
    case 'decimal':
      return storedDecimal(type.precision, type.scale ?? 0)
    case 'float':
      return [type, type.bits === 32 ? 'float' : 'double']
    case 'text':
      return fitsInRow(type.length) ? [type, `varchar(${type.length})`] : longText
    case 'bytes':
      return fitsInRow(type.length) ? [type, `varbinary(${type.length})`] : [{ kind: 'bytes' }, 'longblob']
    case 'time':
      return [{ kind: 'other' }, `time${digits(type.precision)}`]
    case 'timestamp':
      return [{ ...type, precision: Math.min(type.precision, 6) }, `datetime${digits(type.precision)}`]
    case 'timestamptz':
      return [{ ...type, precision: Math.min(type.precision, 6) }, `timestamp${digits(type.precision)}`]
    case 'uuid':
      return server.flavor === 'mariadb' && server.number >= 100_700 ? [type, 'uuid'] : [{ kind: 'text', length: 36 }, 'varchar(36)']
    case 'json':
      return [type, documents(server)]
    case 'date':
      return [type, type.kind]
    default:
      return longText
  }
}

const longText = [{ kind: 'text' }, 'longtext'] as const

/** Characters of a `varchar`: all columns of a row share 65,535 bytes, to which longer texts of their own pages do not count. */
const mostInRow = 1000

function fitsInRow(length: number | undefined): boolean {
  return length !== undefined && length >= 1 && length <= mostInRow
}

/** 65 digits are the most, 30 of them behind the point. */
function storedDecimal(precision: number | undefined, scale: number): readonly [Type, string] {
  if (precision === undefined || precision > 65 || scale > 30) return longText
  return [{ kind: 'decimal', precision, scale }, `decimal(${precision},${scale})`]
}

function digits(precision: number): string {
  return precision === 0 ? '' : `(${Math.min(precision, 6)})`
}

/** Whether a type is written with a collation. */
export function isCollated(native: string): boolean {
  return /^(char|varchar|tinytext|text|mediumtext|longtext|enum|set)\b/.test(native)
}
