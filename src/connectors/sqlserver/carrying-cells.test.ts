import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseType } from '../../core/types.ts'
import type { Value } from '../../core/value.ts'
import { cellCarrying } from './carrying-cells.ts'
import { cellReading } from './reading-cells.ts'
import { parseDeclaration } from './system-type.ts'

test.each<[string, string, Exclude<Value, null>, unknown]>([
  ['decimal(12,2)', 'decimal(12,2)', '1.5', '1.50'],
  ['decimal(12,2)', 'decimal(12,3)', '1.500', '1.50'],
  ['decimal(12,2)', 'decimal(12,3)', '1.505', undefined],
  ['decimal(12,2)', 'decimal', '-0.00', '0.00'],
  ['decimal(12,0)', 'decimal', '-0', '0'],
  ['decimal(12,2)', 'decimal', 'NaN', 'NaN.00'],
  ['decimal(38,0)', 'decimal', '9'.repeat(65), undefined],
  ['money', 'decimal', '922337203685477.5807', '922337203685477.5807'],
  ['bigint', 'bigint', 9223372036854775807n, 9223372036854775807n],
  ['bigint', 'ubigint', 18446744073709551615n, undefined],
  ['int', 'text', 'x', undefined],
  ['float', 'double', Number.NaN, undefined],
  ['float', 'double', 5e-324, 5e-324],
  ['bit', 'boolean', 'true', true],
  ['bit', 'boolean', false, false],
  ['nvarchar(5)', 'text', '𝄞𝄞', '𝄞𝄞'],
  ['nvarchar(5)', 'text', '𝄞𝄞𝄞', undefined],
  ['nvarchar(max)', 'text', 'a\u0000b', 'a\u0000b'],
  ['nchar(3)', 'text', 'a   ', 'a'],
  ['binary(2)', 'bytes', Buffer.from([1]), undefined],
  ['varbinary(2)', 'bytes', '\\x0102', Buffer.from([1, 2])],
  ['varbinary(2)', 'bytes', '\\x010203', undefined],
  ['time(3)', 'time(6)', '12:00:00.5', '12:00:00.500'],
  ['time(3)', 'time(6)', '12:00:00.0005', undefined],
  ['datetime2(0)', 'timestamp(6)', '2024-01-01 00:00:00', '2024-01-01 00:00:00'],
  ['datetimeoffset(7)', 'timestamptz(6)', '2024-01-01 00:00:00.5+00', '2024-01-01 00:00:00.5000000'],
  ['datetime', 'timestamp(3)', '2024-01-01 00:00:00.003', '2024-01-01 00:00:00.003'],
])('%s takes %s %s as %s', (declared, given, value, carried) => {
  expect(carrying(declared, given).carry(value)).toEqual(carried)
})

describe('laws', () => {
  const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`))

  test('a decimal keeps its value: only zeros come and go', () => {
    fc.assert(
      fc.property(fc.boolean(), digits(15), fc.option(digits(9)), fc.integer({ min: 0, max: 9 }), (negative, whole, fraction, scale) => {
        const text = `${negative ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`
        const carried = carrying(`decimal(38,${scale})`, 'decimal').carry(text)
        const exact = (fraction ?? '').replace(/0+$/, '').length <= scale
        expect(carried === undefined).toBe(!exact)
        if (typeof carried !== 'string') return
        expect(plain(carried)).toBe(plain(text))
        expect(carried.split('.')[1]?.length ?? 0).toBe(scale)
      }),
    )
  })

  test('what is carried for a time is read back as it came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999_999 }), (ticks) => {
        const fraction = String(ticks).padStart(7, '0').replace(/0+$/, '')
        const text = `2024-01-01 00:00:00${fraction === '' ? '' : `.${fraction}`}`
        const carried = carrying('datetime2(7)', 'timestamp(7)').carry(text)
        expect(cellReading(type('datetime2(7)')).value(carried)).toBe(text)
      }),
    )
  })
})

function carrying(declared: string, given: string) {
  return cellCarrying(type(declared), parseType(given))
}

function type(declared: string) {
  const parsed = parseDeclaration(declared)
  if (!parsed) throw new Error(`${declared} is no declaration`)
  return parsed
}

/** A decimal without the zeros that mean nothing. */
function plain(text: string): string {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.')
  const value = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`
  return text.startsWith('-') && /[1-9]/.test(value) ? `-${value}` : value
}
