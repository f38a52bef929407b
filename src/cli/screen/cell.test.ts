import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCell, formatChange } from './cell.ts'
import { displayWidth } from './width.ts'

test.each([
  [null, 'NULL'],
  ['NULL', "'NULL'"],
  ['', "''"],
  ['a\nb\tc\0', 'a\\nb\\tc\\0'],
  ['\u001b[31mred\u001b]0;title\u0007', '\\u001b[31mred\\u001b]0;title\\u0007'],
  ['\u009b31m', '\\u009b31m'],
  ['abc\u202Edef', 'abc\\u202edef'],
  ['\ud800', '\\ud800'],
  ['👩‍🚀', '👩‍🚀'],
])('%j is shown as %s', (cell, text) => {
  expect(formatCell(cell)).toBe(text)
})

test('no cell can steer a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (cell) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(formatCell(cell)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/)
    }),
  )
})

test('a change is cut so that what differs can be seen', () => {
  const long = 'x'.repeat(100)
  expect(formatChange('bob@old.example', 'bob@new.example', 80)).toBe('bob@old.example → bob@new.example')
  expect(formatChange(`${long}1 end`, `${long}2 end`, 40)).toBe('…xx1 end → …xx2 end')
  expect(formatChange(null, '', 40)).toBe("NULL → ''")
  expect(formatChange('short', long, 30)).toBe(`short → ${'x'.repeat(21)}…`)
})

test('a change fits where there is room for four cells a side', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'grapheme' }),
      fc.integer({ min: 12, max: 60 }),
      (before, after, width) => {
        expect(displayWidth(formatChange(before, after, width))).toBeLessThanOrEqual(width)
      },
    ),
  )
})
