import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

test.each([
  ['mirrror', 'mirror'],
  ['form', 'from'],
  ['curser', 'cursor'],
  ['on-reject', 'on_reject'],
  ['MODE', 'mode'],
  ['zzz', undefined],
  ['transformation', undefined],
])('%s', (text, word) => {
  expect(nearest(text, ['mode', 'mirror', 'from', 'to', 'cursor', 'on_reject'])).toBe(word)
})

const word = fc.string({ maxLength: 8, unit: fc.constantFrom(...'abc') })

test('the distance is 0 only between equal texts, the same both ways, and no longer than the longer text', () => {
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b) === 0).toBe(a === b)
      expect(editDistance(a, b)).toBe(editDistance(b, a))
      expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
    }),
  )
})

test('one letter more, less, other or swapped is a distance of 1', () => {
  fc.assert(
    fc.property(word, word, fc.constantFrom('x', 'y'), (start, end, letter) => {
      expect(editDistance(start + end, start + letter + end)).toBe(1)
      expect(editDistance(`${start}z${end}`, start + letter + end)).toBe(1)
      expect(editDistance(`${start}xy${end}`, `${start}yx${end}`)).toBe(1)
    }),
  )
})
