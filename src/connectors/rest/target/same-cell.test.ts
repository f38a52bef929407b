import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseType } from '../../../core/types.ts'
import type { Value } from '../../../core/value.ts'
import { type Json, parseExact } from '../source/exact-json.ts'
import { jsonOf } from './cell.ts'
import { isSameCell } from './same-cell.ts'

function same(json: string, cell: Value, type: string): boolean {
  return isSameCell(parseExact(json) as Json, cell, { name: 'c', type: parseType(type), nullable: true })
}

test.each([
  ['1.50', '1.5', 'decimal(9,2)'],
  ['"1.5"', '1.50', 'decimal(9,2)'],
  ['1.5e1', '15', 'decimal(9,2)'],
  ['9007199254740993', 9007199254740993n, 'bigint'],
  ['"2024-01-31T10:00:00.000Z"', '2024-01-31 10:00:00+00', 'timestamptz'],
  ['"2024-01-31T12:00:00.120+02:00"', '2024-01-31 10:00:00.12+00', 'timestamptz'],
  ['"2024-01-31T10:00:00"', '2024-01-31 10:00:00', 'timestamp'],
  ['"10:00:00.500"', '10:00:00.5', 'time'],
  ['true', true, 'boolean'],
  ['null', null, 'text'],
  ['{"a": [1.0]}', '{"a":[1.0]}', 'json'],
])('%s is %s of %s', (json, cell, type) => {
  expect(same(json, cell, type)).toBe(true)
})

test.each([
  ['9007199254740992', 9007199254740993n, 'bigint'],
  ['"2024-01-31T10:00:00.001Z"', '2024-01-31 10:00:00+00', 'timestamptz'],
  ['"2024-01-31T10:00:00+02:00"', '2024-01-31 10:00:00+00', 'timestamptz'],
  ['"2024-01-31T10:00:00"', '2024-01-31 10:00:00+00', 'timestamptz'],
  ['""', null, 'text'],
  ['null', '', 'text'],
  ['"1.0"', '1', 'text'],
  ['""', '0', 'bigint'],
  ['1', true, 'boolean'],
])('%s is not %s of %s', (json, cell, type) => {
  expect(same(json, cell, type)).toBe(false)
})

test('what is sent of a cell is that cell, and of no other one', () => {
  const decimal = fc.tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 9 }))
  const text = ([digits, scale]: readonly [bigint, number]) => {
    const plain = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0')
    return `${digits < 0n ? '-' : ''}${plain.slice(0, plain.length - scale)}${scale > 0 ? `.${plain.slice(-scale)}` : ''}`
  }
  const column = { name: 'c', type: parseType('decimal'), nullable: true }
  fc.assert(
    fc.property(decimal, decimal, fc.constantFrom('exact' as const, 'text' as const), (one, other, numbers) => {
      const sent = jsonOf(text(one), column, numbers)
      const isEqual = one[0] * 10n ** BigInt(9 - one[1]) === other[0] * 10n ** BigInt(9 - other[1])
      expect(same(sent, text(one), 'decimal')).toBe(true)
      expect(same(sent, text(other), 'decimal')).toBe(isEqual)
    }),
  )
})
