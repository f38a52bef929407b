import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isoMoment, isoSpan, momentOf } from './serial.ts'

const text = (serial: number, shown: 'date' | 'timestamp' | 'clock' | 'elapsed', date1904 = false) =>
  momentOf(serial, shown, date1904)?.text

describe('numbers that show days and times', () => {
  test.each([
    [1, '1900-01-01'],
    [59, '1900-02-28'],
    [61, '1900-03-01'],
    [25_569, '1970-01-01'],
    [45_351, '2024-02-29'],
    [2_958_465, '9999-12-31'],
  ])('%d is %s', (serial, day) => {
    expect(text(serial, 'date')).toBe(day)
  })

  test.each([-1, 0, 0.5, 60, 60.5, 2_958_466, 1e300, Number.NaN])('%d is no day', (serial) => {
    expect(text(serial, 'date')).toBeUndefined()
    expect(text(serial, 'timestamp')).toBeUndefined()
  })

  test('days from 1904', () => {
    expect(text(0, 'date', true)).toBe('1904-01-01')
    expect(text(43_889, 'date', true)).toBe('2024-02-29')
    expect(text(2_957_003, 'date', true)).toBe('9999-12-31')
    expect(text(2_957_004, 'date', true)).toBeUndefined()
    expect(text(-1, 'date', true)).toBeUndefined()
  })

  test('noise of floating point is no time', () => {
    expect(text(45_351.99999999999, 'timestamp')).toBe('2024-03-01 00:00:00')
    expect(text(45_351.00000000001, 'date')).toBe('2024-02-29')
    expect(text(44_197.4166666667, 'timestamp')).toBe('2021-01-01 10:00:00')
    expect(text(0.354166666666667, 'clock')).toBe('08:30:00')
  })

  test('a time that the format hides is kept, a midnight that it shows too', () => {
    expect(text(45_351.5, 'date')).toBe('2024-02-29 12:00:00')
    expect(text(45_351, 'timestamp')).toBe('2024-02-29 00:00:00')
    expect(text(45_351.25, 'clock')).toBe('2024-02-29 06:00:00')
  })

  test('spans go past a day and below zero', () => {
    expect(text(1.25, 'elapsed')).toBe('30:00:00')
    expect(text(-0.0625, 'elapsed')).toBe('-01:30:00')
    expect(text(0.5 / 86_400, 'elapsed')).toBe('00:00:00.5')
    expect(text(1000, 'elapsed')).toBe('24000:00:00')
  })

  test('every millisecond arrives as it left, whoever counts the days', () => {
    const first = Date.UTC(1900, 2, 1)
    const last = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
    fc.assert(
      fc.property(fc.integer({ min: first, max: last }), (instant) => {
        const serial = (instant - Date.UTC(1899, 11, 30)) / 86_400_000
        const iso = new Date(instant).toISOString()
        const clock = iso.slice(11, 23).replace(/\.?0+$/, '')
        const seconds = iso.slice(11, 19)
        expect(text(serial, 'timestamp')).toBe(`${iso.slice(0, 10)} ${clock.length < 8 ? seconds : clock}`)
        expect(text(serial - 1462, 'timestamp', true)).toBe(
          instant < Date.UTC(1904, 0, 1) ? undefined : `${iso.slice(0, 10)} ${clock.length < 8 ? seconds : clock}`,
        )
      }),
    )
  })
})

test.each([
  ['2024-02-29', 'number', '2024-02-29'],
  ['2024-02-29T00:00:00', 'date', '2024-02-29'],
  ['2024-02-29T00:00:00', 'timestamp', '2024-02-29 00:00:00'],
  ['2024-02-29T10:20', 'number', '2024-02-29 10:20:00'],
  ['2024-02-29T10:20:30.123456', 'number', '2024-02-29 10:20:30.123456'],
  ['2024-02-29T10:20:30.000', 'number', '2024-02-29 10:20:30'],
  ['T10:20:30.5', 'number', '10:20:30.5'],
  ['10:20', 'number', '10:20:00'],
  ['2023-02-29', 'number', undefined],
  ['2024-02-29T25:00:00', 'number', undefined],
  ['2024-02-29T10:20:30.5Z', 'number', '2024-02-29 10:20:30.5'],
  ['2024-02-29T10:20:30+02:00', 'number', undefined],
  ['', 'number', undefined],
] as const)('the ISO text %s shown as %s is %s', (iso, shown, expected) => {
  expect(isoMoment(iso, shown)?.text).toBe(expected)
})

test.each([
  ['PT08H30M00S', 'time', '08:30:00'],
  ['PT30H05M00.250S', 'elapsed', '30:05:00.25'],
  ['-PT1H', 'elapsed', '-01:00:00'],
  ['P1DT1H', 'elapsed', '25:00:00'],
] as const)('the span %s is a %s: %s', (span, kind, expected) => {
  expect(isoSpan(span)).toEqual({ kind, text: expected })
})

test('what is no span', () => {
  expect(isoSpan('8:30')).toBeUndefined()
})
