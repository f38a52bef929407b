import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError } from './errors.ts'
import { formatType, parseType, type Type } from './types.ts'

const anyType: fc.Arbitrary<Type> = fc.oneof(
  fc.constantFrom<Type>({ kind: 'boolean' }, { kind: 'date' }, { kind: 'json' }, { kind: 'uuid' }, { kind: 'decimal' }),
  fc.record({ kind: fc.constant('integer' as const), bits: fc.constantFrom(8, 16, 32, 64), signed: fc.boolean() }),
  fc.record({ kind: fc.constant('float' as const), bits: fc.constantFrom(32, 64) }),
  fc.record({
    kind: fc.constantFrom('time' as const, 'timestamp' as const, 'timestamptz' as const),
    precision: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ kind: fc.constantFrom('text' as const, 'bytes' as const), length: fc.integer({ min: 1, max: 1e6 }) }),
  fc
    .tuple(fc.integer({ min: 1, max: 1000 }), fc.nat())
    .map(([precision, scale]): Type => ({ kind: 'decimal', precision, scale: scale % (precision + 1) })),
)

describe('type names', () => {
  test('reading what was written gives the same type', () => {
    fc.assert(fc.property(anyType, (type) => void expect(parseType(formatType(type))).toEqual(type)))
  })

  test('time types default to microseconds', () => {
    expect(parseType('timestamptz')).toEqual({ kind: 'timestamptz', precision: 6 })
  })

  test.each(['int4', 'decimal(2,3)', 'timestamp(10)', 'text(1,2)', 'uuid(3)', ''])('`%s` is refused with the names that exist', (name) => {
    expect(() => parseType(name)).toThrow(ConfigError)
  })
})
