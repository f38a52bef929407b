import { describe, expect, test } from 'vitest'
import { formatType, parseType } from '../../core/types.ts'
import { columnDefinition } from './create-table.ts'
import { parseVersion, type Server } from './server.ts'
import { adopt, canonicalType, folding, nativeName, type TypeFacts } from './types.ts'

// No MySQL 8 stands on the machines that test: what differs from MariaDB is held as text.

const server = (version: string): Server => ({
  ...parseVersion(version),
  connectionId: 1,
  readOnly: false,
  localInfile: true,
  maxAllowedPacket: 16_777_216,
  foldsTableNames: false,
})
const mysql8 = server('8.0.39-0ubuntu0.22.04.1')
const mariadb = server('5.5.5-10.11.6-MariaDB-log')

const native = (type: string, on: Server) => {
  const column = adopt({ name: 'c', type: parseType(type), nullable: true }, on)
  return `${column.native?.name} is ${formatType(column.type)}`
}

test('versions and flavors', () => {
  expect(mysql8).toMatchObject({ flavor: 'mysql', version: '8.0.39', number: 80_039 })
  expect(mariadb).toMatchObject({ flavor: 'mariadb', version: '10.11.6', number: 101_106 })
  expect(parseVersion('11.4.2-MariaDB')).toMatchObject({ flavor: 'mariadb', number: 110_402 })
  expect(parseVersion('9.1.0')).toMatchObject({ flavor: 'mysql', number: 90_100 })
})

test.each([
  ['boolean', 'tinyint(1) is boolean'],
  ['ubigint', 'bigint unsigned is ubigint'],
  ['decimal(65,30)', 'decimal(65,30) is decimal(65,30)'],
  ['decimal(66,2)', 'longtext is text'],
  ['decimal', 'longtext is text'],
  ['text(1000)', 'varchar(1000) is text(1000)'],
  ['text(1001)', 'longtext is text'],
  ['bytes', 'longblob is bytes'],
  ['time(6)', 'time(6) is other'],
  ['timestamp(9)', 'datetime(6) is timestamp(6)'],
  ['timestamptz(0)', 'timestamp is timestamptz(0)'],
])('a %s becomes %s, on both', (type, expected) => {
  expect(native(type, mysql8)).toBe(expected)
  expect(native(type, mariadb)).toBe(expected)
})

describe('what one of the two lacks', () => {
  test('a uuid is a text on MySQL 8', () => {
    expect(native('uuid', mysql8)).toBe('varchar(36) is text(36)')
    expect(native('uuid', mariadb)).toBe('uuid is uuid')
  })

  test('documents, which MySQL keeps in a form of its own', () => {
    expect(native('json', mysql8)).toBe('JSON is json')
    expect(native('json', mariadb)).toBe('json is json')
    const from = (name: string) => ({ name: 'c', type: parseType('json'), nullable: true, native: { system: 'mysql', name } })
    expect(adopt(from('json'), mysql8)).toMatchObject({ native: { name: 'JSON' }, limits: { judged: true } })
    expect(adopt(from('JSON'), mariadb).native?.name).toBe('json')
  })

  test('a collation of the other gives way to the exact one', () => {
    const from = (name: string) => ({ name: 'c', type: parseType('text(9)'), nullable: true, native: { system: 'mysql', name } })
    expect(adopt(from('varchar(9) COLLATE utf8mb4_0900_ai_ci'), mariadb).native?.name).toBe('varchar(9)')
    expect(adopt(from('varchar(9) COLLATE utf8mb4_uca1400_ai_ci'), mysql8).native?.name).toBe('varchar(9)')
    expect(adopt(from('varchar(9) COLLATE utf8mb4_unicode_ci'), mysql8).native?.name).toBe('varchar(9) COLLATE utf8mb4_unicode_ci')
    expect(adopt(from('inet6'), mysql8)).toMatchObject({ type: { kind: 'text' } })
  })

  test('columns are created with the collation that takes no two texts as one', () => {
    const column = adopt({ name: 'c', type: parseType('text(9)'), nullable: false }, mysql8)
    expect(columnDefinition(column, mysql8)).toBe('`c` varchar(9) COLLATE utf8mb4_0900_bin NOT NULL')
    expect(columnDefinition(adopt(column, mariadb), mariadb)).toBe('`c` varchar(9) COLLATE utf8mb4_nopad_bin NOT NULL')
  })
})

const facts = (declared: string, more: Partial<TypeFacts> = {}): TypeFacts => ({
  name: /^\w+/.exec(declared)?.[0] ?? '',
  declared,
  ...more,
})

test.each([
  [facts('tinyint(1)'), 'boolean'],
  [facts('bit(1)'), 'boolean'],
  [facts('bit(12)'), 'usmallint'],
  [facts('bit(64)'), 'ubigint'],
  [facts('mediumint unsigned'), 'uinteger'],
  [facts('year'), 'usmallint'],
  [facts('time(3)', { fraction: 3 }), 'other'],
  [facts('datetime(3)', { fraction: 3 }), 'timestamp(3)'],
  [facts('timestamp', { fraction: 0 }), 'timestamptz(0)'],
  [facts('tinytext', { collation: 'utf8mb4_bin' }), 'text(255)'],
  [facts("enum('a','b')", { collation: 'utf8mb4_bin' }), 'other'],
  [facts('point'), 'other'],
])('%o is %s', (given, expected) => {
  expect(formatType(canonicalType(given, 'boolean'))).toBe(expected)
})

test('a tinyint(1) may be asked to stay a number', () => {
  expect(formatType(canonicalType(facts('tinyint(1)'), 'integer'))).toBe('tinyint')
})

test('how collations fold keys', () => {
  const of = (collation: string, name = 'varchar') => folding({ name, declared: 'varchar(9)', collation })
  expect(of('utf8mb4_0900_ai_ci')).toEqual({ case: 'unicode', told: 'past ascii' })
  expect(of('utf8mb4_uca1400_nopad_as_ci')).toEqual({ case: 'unicode', told: 'past ascii' })
  expect(of('latin1_general_cs')).toEqual({ pad: true, kept: true, told: 'past ascii' })
  expect(of('utf8mb4_da_0900_ai_ci')).toEqual({ case: 'unicode', told: 'all' })
  expect(of('utf8mb4_spanish2_ci')).toEqual({ case: 'unicode', pad: true, kept: true, told: 'all' })
  expect(of('utf8mb4_0900_bin')).toBeUndefined()
  expect(of('utf8mb4_nopad_bin')).toBeUndefined()
  expect(of('utf8mb4_bin')).toEqual({ pad: true, kept: true })
  expect(of('utf8mb4_general_ci')).toEqual({ case: 'unicode', pad: true, kept: true, told: 'past ascii' })
  expect(of('utf8mb4_0900_as_cs')).toEqual({ told: 'past ascii' })
  expect(of('utf8mb4_0900_bin', 'char')).toEqual({ pad: true })
})

test('the exact collation is not spelled out in a native type', () => {
  expect(nativeName(facts('varchar(9)', { collation: 'utf8mb4_0900_bin' }), mysql8)).toBe('varchar(9)')
  expect(nativeName(facts('varchar(9)', { collation: 'utf8mb4_bin' }), mysql8)).toBe('varchar(9) COLLATE utf8mb4_bin')
})
