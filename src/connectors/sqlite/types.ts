import type { Column } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'

/** How SQLite converts what is stored in a column, https://sqlite.org/datatype3.html section 3.1. */
export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC'

/** The rules of SQLite, in its order. */
export function affinity(declared: string): Affinity {
  const name = declared.toUpperCase()
  if (name === '') return 'BLOB'
  if (name.includes('INT')) return 'INTEGER'
  if (/CHAR|CLOB|TEXT/.test(name)) return 'TEXT'
  if (name.includes('BLOB')) return 'BLOB'
  return /REAL|FLOA|DOUB/.test(name) ? 'REAL' : 'NUMERIC'
}

/** Declared names (upper case, without their arguments) of types without arguments. */
const plain: Readonly<Record<string, Type>> = {
  BOOLEAN: { kind: 'boolean' },
  BOOL: { kind: 'boolean' },
  TINYINT: { kind: 'integer', bits: 8, signed: true },
  SMALLINT: { kind: 'integer', bits: 16, signed: true },
  INT2: { kind: 'integer', bits: 16, signed: true },
  INT4: { kind: 'integer', bits: 32, signed: true },
  UTINYINT: { kind: 'integer', bits: 8, signed: false },
  USMALLINT: { kind: 'integer', bits: 16, signed: false },
  UINTEGER: { kind: 'integer', bits: 32, signed: false },
  UNSIGNED64_TEXT: { kind: 'integer', bits: 64, signed: false },
  FLOAT32: { kind: 'float', bits: 32 },
  DATE: { kind: 'date' },
  JSON: { kind: 'json' },
  JSON_TEXT: { kind: 'json' },
  UUID: { kind: 'uuid' },
}

const timeKinds = {
  TIME: 'time',
  DATETIME: 'timestamp',
  TIMESTAMP: 'timestamp',
  'TIMESTAMP WITHOUT TIME ZONE': 'timestamp',
  TIMESTAMPTZ: 'timestamptz',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
} as const satisfies Readonly<Record<string, Type['kind']>>

/** The most digits that any decimal keeps through a 64-bit float, in which NUMERIC columns hold fractions. */
const exactDigits = 15

/** The canonical type of a declared one; by its affinity where the name says nothing else. */
export function typeOf(declared: string): Type {
  const [, words = '', first, second, after = ''] = /^\s*([^(]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)\s*(.*?))?\s*$/.exec(declared) ?? []
  const name = `${words} ${after}`.trim().replace(/\s+/g, ' ').toUpperCase()
  const size = first === undefined ? undefined : Number(first)
  const known = plain[name]
  if (known && size === undefined) return known
  if (Object.hasOwn(timeKinds, name)) {
    return { kind: timeKinds[name as keyof typeof timeKinds], precision: Math.min(size ?? 6, 9) }
  }
  if (/^DEC(IMAL)?$|^NUMERIC$|^NUMBER$|^DECIMAL_TEXT$/.test(name)) return decimal(name === 'DECIMAL_TEXT', size, Number(second ?? 0))
  return byAffinity(affinity(declared), declared, size)
}

function decimal(asText: boolean, precision: number | undefined, scale: number): Type {
  if (precision === undefined || scale > precision || (!asText && precision > exactDigits)) return { kind: 'decimal' }
  return { kind: 'decimal', precision, scale }
}

function byAffinity(kind: Affinity, declared: string, size: number | undefined): Type {
  switch (kind) {
    case 'INTEGER':
      return { kind: 'integer', bits: 64, signed: true }
    case 'REAL':
      return { kind: 'float', bits: 64 }
    case 'TEXT':
      return size === undefined ? { kind: 'text' } : { kind: 'text', length: size }
    case 'BLOB':
      if (!/BLOB/i.test(declared)) return { kind: 'text' }
      return size === undefined ? { kind: 'bytes' } : { kind: 'bytes', length: size }
    case 'NUMERIC':
      return { kind: 'other' }
  }
}

/**
 * The name under which SQLite keeps every value of a type as it is. Decimals and unsigned 64-bit integers are names of TEXT
 * affinity, because NUMERIC and INTEGER turn long ones into floats (rule 9); so is JSON, whose text may be a number.
 * 32-bit integers are INTEGER, which is 64 bits wide, because no other name makes a key the table's rowid.
 */
function declaredName(type: Type): string {
  switch (type.kind) {
    case 'boolean':
      return 'BOOLEAN'
    case 'integer':
      if (!type.signed) return { 8: 'UTINYINT', 16: 'USMALLINT', 32: 'UINTEGER', 64: 'UNSIGNED64_TEXT' }[type.bits]
      return { 8: 'TINYINT', 16: 'SMALLINT', 32: 'INTEGER', 64: 'INTEGER' }[type.bits]
    case 'decimal':
      return type.precision === undefined ? 'DECIMAL_TEXT' : `DECIMAL_TEXT(${type.precision},${type.scale ?? 0})`
    case 'float':
      return type.bits === 32 ? 'FLOAT32' : 'DOUBLE'
    case 'text':
      return type.length === undefined ? 'TEXT' : `VARCHAR(${type.length})`
    case 'bytes':
      return type.length === undefined ? 'BLOB' : `BLOB(${type.length})`
    case 'date':
      return 'DATE'
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return `${type.kind.toUpperCase()}(${type.precision})`
    case 'json':
      return 'JSON_TEXT'
    case 'uuid':
      return 'UUID'
    case 'other':
      return 'TEXT'
  }
}

/** The column as SQLite would create it; a declared type of SQLite's own is kept. */
export function adopt(column: Column): Column {
  const declared = column.native?.system === 'sqlite' ? column.native.name : declaredName(column.type)
  return columnOf(column.name, declared, column.nullable)
}

/** A column by its declared type; one without is untyped, because every cell has a type of its own. */
export function columnOf(name: string, declared: string, nullable: boolean): Column {
  const untyped = declared === ''
  return { name, type: typeOf(declared), nullable, native: { system: 'sqlite', name: declared }, ...(untyped ? { untyped } : {}) }
}

/** The declared type of a column of SQLite; `''` where it has none. */
export function declaredType(column: Column): string {
  return column.native?.system === 'sqlite' ? column.native.name : declaredName(column.type)
}
