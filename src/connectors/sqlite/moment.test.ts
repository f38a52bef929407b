import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalTime, momentOrder, type TimeKind } from './moment.ts'

const cases: readonly (readonly [TimeKind, string, string | undefined])[] = [
  ['date', '2024-1-5', '2024-01-05'],
  ['date', '2024-01-05 00:00', undefined],
  ['date', '0044-03-15 BC', '0044-03-15 BC'],
  ['time', '9:30', '09:30:00'],
  ['time', '09:30:00.500', '09:30:00.5'],
  ['time', '24:00:00', '24:00:00'],
  ['timestamp', '2024-01-05T09:30:00.000000', '2024-01-05 09:30:00'],
  ['timestamp', '2024-01-05', '2024-01-05 00:00:00'],
  ['timestamp', '2024-01-05 09:30:00Z', undefined],
  ['timestamp', '1704450000', undefined],
  ['timestamptz', '2024-01-05 09:30:00', undefined],
  ['timestamptz', '2024-01-05T09:30:00Z', '2024-01-05 09:30:00+00'],
  ['timestamptz', '2024-03-01 01:00:00.25+02:00', '2024-02-29 23:00:00.25+00'],
  ['timestamptz', '2023-12-31 23:30:00-0130', '2024-01-01 01:00:00+00'],
  ['timestamptz', '0001-01-01 00:00:00+01', '0001-12-31 23:00:00+00 BC'],
  ['timestamptz', '294276-12-31 23:00:00-01', '294277-01-01 00:00:00+00'],
  ['timestamptz', 'infinity', 'infinity'],
]

test.each(cases)('as %s, %s is %s', (kind, text, expected) => {
  expect(canonicalTime(text, kind)).toBe(expected)
})

test('moments are ordered as time goes', () => {
  const order = [
    '-infinity',
    '0044-03-15 BC',
    '0044-05-01 BC',
    '0001-01-01',
    '2024-01-01T10:00',
    '2024-01-01 10:00:00.5',
    '2024-01-01 14:00+02',
    '10000-01-01',
    'infinity',
  ]
  const sorted = [...order].reverse().sort((a, b) => Number((momentOrder(a) ?? 0n) - (momentOrder(b) ?? 0n)))
  expect(sorted).toEqual(order)
})

test('an offset moves an instant as Date does', () => {
  const instants = fc.date({ min: new Date('0100-01-02T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true })
  fc.assert(
    fc.property(instants, fc.integer({ min: -15 * 60, max: 15 * 60 }), (instant, minutes) => {
      const local = new Date(instant.getTime() + minutes * 60_000).toISOString().slice(0, 19)
      const size = Math.abs(minutes)
      const offset = `${minutes < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
      expect(canonicalTime(local + offset, 'timestamptz')).toBe(`${instant.toISOString().slice(0, 19).replace('T', ' ')}+00`)
    }),
  )
})
