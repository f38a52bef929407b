import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cursorParam } from './cursor-param.ts'

test.each([
  ['2024-01-31 10:00:00.5+00', 'iso', '2024-01-31T09:59:59Z'],
  ['2024-01-31 10:00:00', 'iso', '2024-01-31T09:59:59'],
  ['2024-03-01 00:00:00+00', 'iso', '2024-02-29T23:59:59Z'],
  ['2024-01-31T10:00:00+02:00', 'iso', '2024-01-31T07:59:59Z'],
  ['2024-01-31 10:00:00.5+00', 'date', '2024-01-30'],
  ['2024-01-31 10:00:00.5+00', 'unix', '1706695199'],
  ['2024-01-31 10:00:00.5+00', 'unix_ms', '1706695199000'],
  ['2024-03-01', 'iso', '2024-02-29'],
  ['12345678901234567890', 'iso', '12345678901234567889'],
  ['7.25', 'iso', '6'],
  ['-7.25', 'iso', '-8'],
] as const)('%s as %s is %s', (from, format, expected) => {
  expect(cursorParam(from, format)).toBe(expected)
})

test.each(['Apr', '', '2024-13-01', '24:00'])('%j is no value that a cursor can have', (from) => {
  expect(() => cursorParam(from, 'iso')).toThrow('`cursor_param`')
})

test('law: what is asked for begins before the watermark, by a whole second or more', () => {
  const instant = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(instant, (at) => {
      const canonical = `${at.toISOString().slice(0, 23).replace('T', ' ')}+00`
      expect(Date.parse(cursorParam(canonical, 'iso'))).toBeLessThanOrEqual(at.getTime() - 1_000)
      expect(Number(cursorParam(canonical, 'unix'))).toBeLessThan(Math.floor(at.getTime() / 1_000))
      expect(Date.parse(cursorParam(canonical, 'date'))).toBeLessThan(Date.parse(at.toISOString().slice(0, 10)))
    }),
  )
})
