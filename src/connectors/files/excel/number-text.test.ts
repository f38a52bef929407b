import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimalText, isDecimalText, parseNumber } from './number-text.ts'

const isDecimal = (text: string) => isDecimalText(Buffer.from(text), 0, text.length)

test.each([
  [0, '0'],
  [-0, '0'],
  [0.1 + 0.2, '0.30000000000000004'],
  [1e21, '1000000000000000000000'],
  [-1.5e22, '-15000000000000000000000'],
  [1e-7, '0.0000001'],
  [-1.25e-10, '-0.000000000125'],
  [12_345_678_901_234_567_000, '12345678901234567000'],
  [5e-324, `0.${'0'.repeat(323)}5`],
])('%d is written %s', (value, text) => {
  expect(decimalText(value)).toBe(text)
})

test('text reads back as the same number', () => {
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Number(decimalText(value)) === value))
  fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => /^-?\d+(\.\d*[1-9])?$/.test(decimalText(value))))
})

test('what is passed on as it lies is what would have been written', () => {
  const digits = fc.stringMatching(/^-?\d{1,9}(\.\d{1,9})?$/)
  fc.assert(fc.property(digits, (text) => !isDecimal(text) || decimalText(Number(text)) === text))
  expect(['0', '7', '-7', '0.5', '-0.5', '123456789012345', '1.25'].every(isDecimal)).toBe(true)
  expect(['', '-', '-0', '007', '1.', '.5', '1.50', '1e5', '+1', ' 1', '1234567890123456'].some(isDecimal)).toBe(false)
})

test('only numbers are numbers', () => {
  const parse = (text: string) => parseNumber(Buffer.from(text), 0, text.length)
  expect(['1', ' 2.5 ', '-1.5E-3', '+.5'].map(parse)).toEqual([1, 2.5, -0.0015, 0.5])
  expect(['', 'x', '0x10', '1,5', 'Infinity', '1 2'].map(parse).every(Number.isNaN)).toBe(true)
})
