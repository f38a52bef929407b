import { expect, test } from 'vitest'
import { formatAmount, formatCount } from '../../core/count.ts'
import { formatBytes, formatSeconds } from './numbers.ts'

test.each([
  [0.0004, '1 ms'],
  [0.0312, '31 ms'],
  [0.42, '0.4 s'],
  [9.94, '9.9 s'],
  [9.96, '10 s'],
  [59.6, '1 min'],
  [200, '3 min 20 s'],
  [3599.7, '1 h'],
  [7500, '2 h 5 min'],
  [7199, '2 h'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text)
})

test('counts and sizes', () => {
  expect(formatCount(1204000)).toBe('1,204,000')
  expect(formatAmount(1, 'row')).toBe('1 row')
  expect(formatAmount(0, 'row')).toBe('0 rows')
  expect([0, 812, 3_400_000, 999_000].map(formatBytes)).toEqual(['0 B', '812 B', '3.4 MB', '999 kB'])
})
