import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareDecimals, normalDecimal, plainDecimal, withScale } from './decimal.ts'

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 20 }))
  .map(([negative, digits, scale]) => {
    const padded = digits.toString().padStart(scale + 1, '0')
    const text = scale === 0 ? padded : `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
    return { text: negative ? `-${text}` : text, scaled: (negative ? -digits : digits) * 10n ** BigInt(20 - scale) }
  })

test('decimals are ordered as the numbers they write', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const expected = a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0
      expect(Math.sign(compareDecimals(a.text, b.text))).toBe(expected)
    }),
  )
})

test('equal decimals have one normal text, and others another', () => {
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      expect(normalDecimal(a.text) === normalDecimal(b.text)).toBe(a.scaled === b.scaled)
    }),
  )
})

test('infinities lie at the ends, NaN past them', () => {
  const order = ['-Infinity', '-1', '0', '1', 'Infinity', 'NaN']
  expect([...order].reverse().sort(compareDecimals)).toEqual(order)
})

test('a plain decimal reads back as the number it came from', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      const text = plainDecimal(number)
      expect(text).toMatch(/^-?\d+(\.\d+)?$/)
      expect(Number(text) === number).toBe(true)
    }),
  )
})

test.each([
  ['1.5', 2, '1.50'],
  ['1.500', 2, '1.50'],
  ['1', 2, '1.00'],
  ['1.00', 0, '1'],
  ['1.505', 2, '1.505'],
  ['NaN', 2, 'NaN'],
])('%s with %d digits after the point is %s', (text, scale, expected) => {
  expect(withScale(text, scale)).toBe(expected)
})
