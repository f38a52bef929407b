import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayWidth, pad, truncate } from './width.ts'

test.each([
  ['', 0],
  ['abc', 3],
  ['naïve', 5],
  ['e\u0301', 1],
  ['東京', 4],
  ['한국어', 6],
  ['ｶﾅ', 2],
  ['カナ', 4],
  ['ＡＢ', 4],
  ['「」、。', 8],
  ['👩‍🚀', 2],
  ['🇩🇪', 2],
  ['👍🏽', 2],
  ['→…█', 3],
  ['Ω≈ç', 3],
  ['\u200b', 0],
])('%s is %d cells wide', (text, width) => {
  expect(displayWidth(text)).toBe(width)
})

test('what is cut off is never wider than asked for, and nothing is cut that fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 20 }), (text, width) => {
      const cut = truncate(text, width)
      expect(displayWidth(cut)).toBeLessThanOrEqual(width)
      if (displayWidth(text) <= width) expect(cut).toBe(text)
    }),
  )
})

test('padding fills up to the width on either side', () => {
  expect(pad('東', 4)).toBe('東  ')
  expect(pad('12', 4, 'right')).toBe('  12')
  expect(pad('longer', 4)).toBe('longer')
})
