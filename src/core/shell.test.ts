import { expect, test } from 'vitest'
import { shellWord } from './shell.ts'

test.skipIf(process.platform === 'win32').each([
  ['people', 'people'],
  ['shop#public.orders', 'shop#public.orders'],
  ['#orders', "'#orders'"],
  ['a to b', "'a to b'"],
  ["it's", "'it'\\''s'"],
  ['$(x)', "'$(x)'"],
  ['~/a', "'~/a'"],
  ['', "''"],
])('%s is pasted as %s', (text, word) => {
  expect(shellWord(text)).toBe(word)
})
