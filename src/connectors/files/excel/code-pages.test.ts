import { expect, test } from 'vitest'
import { decode } from './code-pages.ts'

test.each([
  [1252, [0x85, 0xe9], '…é'],
  [1253, [0xcf, 0xea, 0xf4], 'Οκτ'],
  [1251, [0xf0], 'р'],
  [932, [0x83, 0x65], 'テ'],
  [1200, [0x41, 0, 0xff, 0xfe], 'A\ufeff'],
  [437, [0x41, 0x7f], 'A\x7f'],
])('code page %i', (page, bytes, text) => {
  expect(decode(page, bytes)).toBe(text)
})

test('text in a code page that Node does not know is refused, not guessed', () => {
  expect(() => decode(437, [0x81])).toThrow('code page 437')
})
