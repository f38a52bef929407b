import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from './errors.ts'
import { formatName, parseName } from './names.ts'

describe('object names', () => {
  test.each([
    ['orders', ['orders']],
    ['public.Orders', ['public', 'Orders']],
    ['public."a.b"', ['public', 'a.b']],
    ['"say ""hi"""."x"', ['say "hi"', 'x']],
    ['two words.ü', ['two words', 'ü']],
  ])('%s', (text, parts) => expect(parseName(text)).toEqual(parts))

  test.each(['', '.', 'a.', '.a', 'a..b', '"a', 'a"b', '""'])('`%s` is refused', (text) => {
    expect(() => parseName(text)).toThrow(ConfigError)
  })

  test('reading what was written gives the same parts', () => {
    const part = fc.string({ minLength: 1, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => void expect(parseName(formatName(parts))).toEqual(parts)),
    )
  })
})
