import { expect, test } from 'vitest'
import { isSameDocument } from './documents.ts'

test.each([
  ['{"b":[1,{"c":null}],"a":"x"}', '{"a": "x", "b": [1, {"c": null}]}'],
  ['1.50', '1.5'],
  ['[100, 1e2, -0.0]', '[100, 100.0, 0]'],
  ['1200e-2', '12.0'],
  ['{"a:b":":"}', '{"a:b": ":"}'],
  ['"\\u0041"', '"A"'],
  ['{"__proto__": 1}', '{"__proto__": 1}'],
])('%s is kept as %s', (given, shown) => {
  expect(isSameDocument(given, shown)).toBe(true)
})

test.each([
  ['12345678901234567890.123', '1.2345678901234567e19'],
  ['9007199254740993.0', '9007199254740992.0'],
  ['{"a": 1, "a": 2}', '{"a": 2}'],
  ['"1"', '1'],
  ['[1, 2]', '[2, 1]'],
  ['{"a": {"number": "1e0"}}', '{"a": 1}'],
  ['-1', '1'],
  ['null', '{}'],
])('%s is not kept as %s', (given, shown) => {
  expect(isSameDocument(given, shown)).toBe(false)
})
