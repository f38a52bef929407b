import type { FieldPacket } from 'mysql2'
import type { TypeFacts } from './types.ts'

/** Of a column of a query's result the protocol tells the type in numbers (MySQL manual, "Column Definition"). */
export function fieldFacts(field: FieldPacket): { readonly facts: TypeFacts; readonly nullable: boolean } {
  const flags = typeof field.flags === 'number' ? field.flags : 0
  const length = field.columnLength ?? field.length ?? 0
  const known = {
    code: field.columnType ?? field.type ?? 0,
    flags,
    length,
    decimals: field.decimals ?? 0,
    charset: field.characterSet ?? binary,
  }
  return { facts: facts(known), nullable: (flags & 1) === 0 }
}

interface Field {
  readonly code: number
  readonly flags: number
  readonly length: number
  readonly decimals: number
  readonly charset: number
}

/** The number of the character set that means bytes. */
const binary = 63
const unsignedFlag = 32
const enumFlag = 256
const setFlag = 2048
/** Results come in utf8mb4, of which each character may take four bytes. */
const bytesPerCharacter = 4

const integers: Readonly<Record<number, string>> = { 1: 'tinyint', 2: 'smallint', 3: 'int', 8: 'bigint', 9: 'mediumint' }

function facts({ code, flags, length, decimals, charset }: Field): TypeFacts {
  const unsigned = (flags & unsignedFlag) !== 0
  const integer = integers[code]
  if (integer !== undefined) {
    const name = integer === 'tinyint' && length === 1 && !unsigned ? 'tinyint(1)' : integer
    return { name: integer, declared: unsigned ? `${name} unsigned` : name }
  }
  const fraction = decimals > 6 ? 0 : decimals
  const timed = (name: string): TypeFacts => ({ name, declared: fraction === 0 ? name : `${name}(${fraction})`, fraction })
  switch (code) {
    case 0:
    case 246: {
      const precision = length - (decimals > 0 ? 1 : 0) - (unsigned ? 0 : 1)
      return { name: 'decimal', declared: `decimal(${precision},${decimals})`, precision, scale: decimals }
    }
    case 4:
      return { name: 'float', declared: 'float' }
    case 5:
      return { name: 'double', declared: 'double' }
    case 7:
      return timed('timestamp')
    case 10:
    case 14:
      return { name: 'date', declared: 'date' }
    case 11:
      return timed('time')
    case 12:
      return timed('datetime')
    case 13:
      return { name: 'year', declared: 'year' }
    case 16:
      return { name: 'bit', declared: `bit(${length})` }
    case 245:
      return { name: 'json', declared: 'json' }
    case 255:
      return { name: 'geometry', declared: 'geometry' }
    default:
      return textual({ code, flags, length, decimals, charset })
  }
}

function textual({ code, flags, length, charset }: Field): TypeFacts {
  if ((flags & (enumFlag | setFlag)) !== 0) return { name: 'enum', declared: 'longtext', collation: 'utf8mb4_bin' }
  const isBytes = charset === binary
  const characters = isBytes ? length : Math.floor(length / bytesPerCharacter)
  if (code >= 249 && code <= 252) return isBytes ? { name: 'longblob', declared: 'longblob' } : { name: 'longtext', declared: 'longtext' }
  if (characters < 1 || characters > 16_383)
    return isBytes ? { name: 'longblob', declared: 'longblob' } : { name: 'longtext', declared: 'longtext' }
  const name = isBytes ? 'varbinary' : 'varchar'
  return { name, declared: `${name}(${characters})`, length: characters }
}
