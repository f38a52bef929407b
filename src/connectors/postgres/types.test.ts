import { expect, test } from 'vitest'
import type { Column } from '../../core/table.ts'
import { formatType, parseType } from '../../core/types.ts'
import { adopt, canonicalType } from './types.ts'

function adopted(type: string): string {
  const column = adopt({ name: 'c', type: parseType(type), nullable: true })
  return `${column.native?.name} = ${formatType(column.type)}`
}

test('every canonical type finds one that holds its values', () => {
  expect(
    [
      'boolean',
      'tinyint',
      'smallint',
      'integer',
      'bigint',
      'utinyint',
      'usmallint',
      'uinteger',
      'ubigint',
      'decimal',
      'decimal(12,2)',
      'decimal(2000,3)',
      'real',
      'double',
      'text',
      'text(5)',
      'text(10485761)',
      'bytes(4)',
      'date',
      'time(0)',
      'timestamp(3)',
      'timestamptz(9)',
      'json',
      'uuid',
    ].map(adopted),
  ).toEqual([
    'boolean = boolean',
    'smallint = smallint',
    'smallint = smallint',
    'integer = integer',
    'bigint = bigint',
    'smallint = smallint',
    'integer = integer',
    'bigint = bigint',
    'numeric(20,0) = decimal(20,0)',
    'numeric = decimal',
    'numeric(12,2) = decimal(12,2)',
    'numeric = decimal',
    'real = real',
    'double precision = double',
    'text = text',
    'character varying(5) = text(5)',
    'text = text',
    'bytea = bytes',
    'date = date',
    'time(0) without time zone = time(0)',
    'timestamp(3) without time zone = timestamp(3)',
    'timestamp with time zone = timestamptz(6)',
    'json = json',
    'uuid = uuid',
  ])
})

test('a type of PostgreSQL is kept, what the source computed is not', () => {
  const native = { system: 'postgres', name: 'public.mood[]', requires: [{ name: ['public', 'mood'], sql: 'CREATE …' }] }
  const column: Column = {
    name: 'c',
    type: { kind: 'other' },
    nullable: false,
    native,
    generated: true,
    identity: 'always',
    defaulted: true,
  }
  expect(adopt(column)).toEqual({ name: 'c', type: { kind: 'other' }, nullable: false, native })
  expect(adopt({ ...column, native: { system: 'duckdb', name: 'INTERVAL' } }).native?.name).toBe('text')
})

test('numeric scales outside its precision become the digits they stand for', () => {
  const typmod = (precision: number, scale: number) => ((precision << 16) | (scale & 0x7ff)) + 4
  expect(formatType(canonicalType(1700, typmod(3, -2), 'numeric'))).toBe('decimal(5,0)')
  expect(formatType(canonicalType(1700, typmod(2, 4), 'numeric'))).toBe('decimal(4,4)')
  expect(formatType(canonicalType(1700, typmod(1000, 1000), 'numeric'))).toBe('decimal(1000,1000)')
  expect(formatType(canonicalType(1700, -1, 'numeric'))).toBe('decimal')
})
