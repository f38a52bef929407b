import { expect, test } from 'vitest'
import { formatType, parseType } from '../../core/types.ts'
import { adopt, affinity, typeOf } from './types.ts'

test.each([
  ['INTEGER', 'bigint'],
  ['bigint', 'bigint'],
  ['INT8', 'bigint'],
  ['UNSIGNED BIG INT', 'bigint'],
  ['smallint', 'smallint'],
  ['Boolean', 'boolean'],
  ['double precision', 'double'],
  ['REAL', 'double'],
  ['VARCHAR(20)', 'text(20)'],
  ['NATIVE CHARACTER(70)', 'text(70)'],
  ['CLOB', 'text'],
  ['BLOB', 'bytes'],
  ['DATE', 'date'],
  ['datetime', 'timestamp(6)'],
  ['TIMESTAMP(3)', 'timestamp(3)'],
  ['timestamp with time zone', 'timestamptz(6)'],
  ['DECIMAL(10,2)', 'decimal(10,2)'],
  ['NUMERIC', 'decimal'],
  ['NUMERIC(30, 10)', 'decimal'],
  ['JSON', 'json'],
  ['UUID', 'uuid'],
  ['STRING', 'other'],
  ['MONEY', 'other'],
])('a column declared %s holds %s', (declared, expected) => {
  expect(formatType(typeOf(declared))).toBe(expected)
})

test.each(['decimal', 'decimal(12,2)', 'decimal(60,20)', 'ubigint', 'json'])(
  '%s is kept as text, because numbers would lose digits',
  (name) => {
    const { native, type } = adopt({ name: 'c', type: parseType(name), nullable: true })
    expect(affinity(native?.name ?? '')).toBe('TEXT')
    expect(formatType(type)).toBe(name)
  },
)

test('a declared type of SQLite is kept, and so is none', () => {
  for (const declared of ['NUMERIC(30, 10)', 'mediumint', '']) {
    const column = adopt({ name: 'c', type: { kind: 'text' }, nullable: true, native: { system: 'sqlite', name: declared } })
    expect(column.native?.name).toBe(declared)
  }
})
