import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalText, isExtreme } from './canonical.ts'
import type { Type } from './types.ts'
import type { Value } from './value.ts'

describe('canonical text', () => {
  test.each<[Value, Type, string | null]>([
    [null, { kind: 'text' }, null],
    ['', { kind: 'text' }, ''],
    [true, { kind: 'boolean' }, 'true'],
    [-9223372036854775808n, { kind: 'integer', bits: 64, signed: true }, '-9223372036854775808'],
    [-0, { kind: 'float', bits: 64 }, '-0'],
    [Number.POSITIVE_INFINITY, { kind: 'float', bits: 64 }, 'Infinity'],
    [Math.fround(0.1), { kind: 'float', bits: 32 }, '0.1'],
    [new Uint8Array([0, 255]), { kind: 'bytes' }, '\\x00ff'],
  ])('%s', (value, type, text) => expect(canonicalText(value, type)).toBe(text))

  test('a float reads back as the same number', () => {
    fc.assert(fc.property(fc.double(), (value) => void expect(Number(canonicalText(value, { kind: 'float', bits: 64 }))).toBe(value)))
    fc.assert(
      fc.property(fc.float(), (value) => {
        expect(Math.fround(Number(canonicalText(value, { kind: 'float', bits: 32 })))).toBe(value)
      }),
    )
  })

  test.each<[string, Type, boolean]>([
    ['NaN', { kind: 'decimal', precision: 12, scale: 2 }, true],
    ['1.555', { kind: 'decimal', precision: 12, scale: 2 }, false],
    ['0044-03-15 BC', { kind: 'date' }, true],
    ['2024-02-30', { kind: 'date' }, false],
    ['294276-12-31 23:59:59.5', { kind: 'timestamp', precision: 6 }, true],
    ['0044-03-15 10:00:00+00 BC', { kind: 'timestamptz', precision: 6 }, true],
    ['0044-03-15 10:00:00 BC', { kind: 'timestamptz', precision: 6 }, false],
    ['NaN', { kind: 'text' }, false],
  ])('`%s` as %o is extreme: %s', (text, type, extreme) => expect(isExtreme(text, type)).toBe(extreme))
})
