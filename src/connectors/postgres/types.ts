import type { Column, KeyFolding } from '../../core/table.ts'
import type { Type } from '../../core/types.ts'

/** The canonical type of a built-in type by its OID (fixed in PostgreSQL's `pg_type.dat`), beneath any domain. */
export function canonicalType(oid: number, typmod: number, name: string): Type {
  switch (oid) {
    case 16:
      return { kind: 'boolean' }
    case 21:
      return { kind: 'integer', bits: 16, signed: true }
    case 23:
      return { kind: 'integer', bits: 32, signed: true }
    case 20:
      return { kind: 'integer', bits: 64, signed: true }
    case 26:
      return { kind: 'integer', bits: 32, signed: false }
    case 700:
      return { kind: 'float', bits: 32 }
    case 701:
      return { kind: 'float', bits: 64 }
    case 1700:
      return decimal(typmod)
    case 25:
      return { kind: 'text' }
    case 1042:
    case 1043:
      return typmod < 0 ? { kind: 'text' } : { kind: 'text', length: typmod - 4 }
    case 17:
      return { kind: 'bytes' }
    case 1082:
      return { kind: 'date' }
    case 1083:
      return { kind: 'time', precision: fraction(typmod) }
    case 1114:
      return { kind: 'timestamp', precision: fraction(typmod) }
    case 1184:
      return { kind: 'timestamptz', precision: fraction(typmod) }
    case 114:
    case 3802:
      return { kind: 'json' }
    case 2950:
      return { kind: 'uuid' }
    default:
      // An extension's type has another OID in every database.
      return name === 'citext' ? { kind: 'text' } : { kind: 'other' }
  }
}

/** `numeric`'s typmod: precision in the upper half, scale in the lower 11 bits, signed, both moved by 4 (`numeric.c`). */
function decimal(typmod: number): Type {
  if (typmod < 0) return { kind: 'decimal' }
  const precision = (typmod - 4) >> 16
  const scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024
  if (scale < 0) return { kind: 'decimal', precision: precision - scale, scale: 0 }
  return { kind: 'decimal', precision: Math.max(precision, scale), scale }
}

function fraction(typmod: number): number {
  return typmod < 0 ? 6 : typmod
}

/**
 * How a type's equality is coarser than that of texts, as far as a key may rest on it. A `citext` folds letters as the database's
 * locale does, and a collation that is not deterministic takes as one what it likes.
 */
export function folding(oid: number, name: string, looseCollation: string | null): KeyFolding | undefined {
  const loose = looseCollation === null ? {} : ({ told: 'all', collation: looseCollation } as const)
  if (oid === 1042) return { pad: true, ...loose }
  if (name === 'citext') return { case: 'unicode', told: 'past ascii' }
  return looseCollation === null ? undefined : loose
}

/** The column as PostgreSQL would create it for a value of its type; PostgreSQL's own types are kept. */
export function adopt(column: Column): Column {
  const { name, type, nullable, native, folding: folded, untyped } = column
  if (native?.system === 'postgres') return { name, type, nullable, native, ...(folded ? { folding: folded } : {}), ...refusing(type) }
  const adopted = untyped ? ({ kind: 'text' } as const) : withinLimits(type)
  return { name, type: adopted, nullable, native: { system: 'postgres', name: nativeName(adopted) }, ...refusing(adopted) }
}

/** No text of PostgreSQL holds U+0000. */
export function refusing({ kind }: Type): Pick<Column, 'refuses'> {
  return kind === 'text' ? { refuses: '\u0000' } : {}
}

/** The type as far as PostgreSQL has it: microseconds, at most 1,000 declared digits, 10,485,760 declared characters. */
function withinLimits(type: Type): Type {
  switch (type.kind) {
    case 'integer':
      return storedInteger(type.bits, type.signed)
    case 'decimal':
      return type.precision !== undefined && type.precision > 1000 ? { kind: 'decimal' } : type
    case 'text':
      return type.length !== undefined && (type.length < 1 || type.length > 10_485_760) ? { kind: 'text' } : type
    case 'bytes':
      return { kind: 'bytes' }
    case 'time':
    case 'timestamp':
    case 'timestamptz':
      return { kind: type.kind, precision: Math.min(type.precision, 6) }
    case 'other':
      return { kind: 'text' }
    default:
      return type
  }
}

/** The smallest of PostgreSQL's integers that holds all values; it has none of 8 bits and none unsigned. */
function storedInteger(bits: 8 | 16 | 32 | 64, signed: boolean): Type {
  if (bits === 8 || (bits === 16 && signed)) return { kind: 'integer', bits: 16, signed: true }
  if (bits === 16 || (bits === 32 && signed)) return { kind: 'integer', bits: 32, signed: true }
  if (bits === 32 || signed) return { kind: 'integer', bits: 64, signed: true }
  return { kind: 'decimal', precision: 20, scale: 0 }
}

/** As `format_type` spells it, so that equal types have equal names. */
function nativeName(type: Type): string {
  switch (type.kind) {
    case 'integer':
      return { 8: 'smallint', 16: 'smallint', 32: 'integer', 64: 'bigint' }[type.bits]
    case 'decimal':
      return type.precision === undefined ? 'numeric' : `numeric(${type.precision},${type.scale ?? 0})`
    case 'float':
      return type.bits === 32 ? 'real' : 'double precision'
    case 'text':
      return type.length === undefined ? 'text' : `character varying(${type.length})`
    case 'bytes':
      return 'bytea'
    case 'time':
      return `time${digits(type.precision)} without time zone`
    case 'timestamp':
      return `timestamp${digits(type.precision)} without time zone`
    case 'timestamptz':
      return `timestamp${digits(type.precision)} with time zone`
    case 'json':
      // Not jsonb: that drops the order of keys and all but the last of equal ones, and a value shall arrive as it left.
      return 'json'
    case 'other':
      return 'text'
    default:
      return type.kind
  }
}

function digits(precision: number): string {
  return precision === 6 ? '' : `(${precision})`
}
