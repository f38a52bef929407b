import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseType } from '../../../../core/types.ts'
import { momentOf } from '../serial.ts'
import { withoutEscapes, xmlText } from '../xml-text.ts'
import { type CellWriter, cellWriter } from './cells.ts'
import { escapedAttribute, escapedText, unescapedAttribute } from './escape.ts'
import { type DateSystem, dateSerial, timeSerial, timestampSerial } from './serial.ts'
import { positionsOf } from './sheet-content.ts'
import { SheetRows } from './sheet-rows.ts'

const writer = (type: string): CellWriter =>
  cellWriter({ name: 'c', type: parseType(type), nullable: true }, { file: 'a.xlsx', system: 1900, style: () => 0 })

const isText = (xml: string) => xml.includes('t="inlineStr"')

describe('numbers', () => {
  test.each([
    ['integer', '0'],
    ['bigint', '-999999999999999'],
    ['decimal(12,2)', '1.50'],
    ['decimal(38,18)', '0.000000000000000001'],
    ['decimal(38,10)', '12345.1234567890'],
    ['decimal', '-0.5'],
    ['double', '0.30000000000000004'],
    ['double', '1.7976931348623157e+308'],
    ['real', '3.4028235e+38'],
  ])('%s %s is one', (type, text) => expect(writer(type)(text, 'A1')).toBe(`<c r="A1"><v>${text}</v></c>`))

  test.each([
    ['bigint', '9007199254740993'],
    ['bigint', '1000000000000000'],
    ['decimal(38,10)', '123456789012345.6'],
    ['decimal', '1.50'],
    ['decimal', 'NaN'],
    ['double', '-0'],
    ['double', '5e-324'],
    ['double', 'Infinity'],
    ['double', 'NaN'],
    ['text', '1'],
  ])('%s %s is text', (type, text) => expect(isText(writer(type)(text, 'A1'))).toBe(true))

  test('a number is read as the decimal that it was', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.nat(20), (unscaled, scale) => {
        const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
        const at = digits.length - scale
        const text = `${unscaled < 0n ? '-' : ''}${digits.slice(0, at)}${scale > 0 ? `.${digits.slice(at)}` : ''}`
        const [, value] = /<v>(.*)<\/v>/.exec(writer('decimal(38,20)')(text, 'A1')) ?? []
        // Every decimal of 15 digits is its own shortest text as a double.
        return value === undefined || BigInt(Math.sign(Number(value))) * unscaled >= 0n ? sameDecimal(value ?? text, text) : false
      }),
    )
  })
})

describe('days and times', () => {
  test.each<[DateSystem, string, number | undefined]>([
    [1900, '1900-02-28', undefined],
    [1900, '1900-03-01', 61],
    [1900, '2026-01-01', 46023],
    [1900, '9999-12-31', 2958465],
    [1900, '10000-01-01', undefined],
    [1900, '0026-01-01', undefined],
    [1900, '0044-03-15 BC', undefined],
    [1900, 'infinity', undefined],
    [1904, '1904-01-01', undefined],
    [1904, '1904-01-02', 1],
    [1904, '2026-01-01', 44561],
  ])('counted from %i, %s is %s', (system, text, serial) => expect(dateSerial(text, system)).toBe(serial))

  test.each(['24:00:00', '12:00:00.0001', '12:00'])('%s is text', (text) => expect(timeSerial(text)).toBeUndefined())

  test.each<DateSystem>([1900, 1904])('what was written as a moment from %i is read as it', (system) => {
    const moment = fc.date({ min: new Date('1904-01-02T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
    fc.assert(
      fc.property(moment, (date) => {
        const text = date
          .toISOString()
          .slice(0, -1)
          .replace('T', ' ')
          .replace(/\.?0*$/, (zeros) => (zeros.startsWith('.') ? '' : zeros))
        const canonical = text.includes('.') ? text.replace(/0+$/, '') : text
        const serial = timestampSerial(canonical, system)
        expect(serial).toBeDefined()
        // Through the text in the sheet.
        expect(momentOf(Number(String(serial)), 'timestamp', system === 1904)?.text).toBe(canonical)
      }),
    )
  })
})

describe('texts', () => {
  test.each([
    ['a<b>&"c"', 'a&lt;b&gt;&amp;"c"'],
    ['\u0001\r\n', '_x0001__x000D_\n'],
    ['_x0041_', '_x005F_x0041_'],
    ['_x0041_x0042_', '_x005F_x0041_x005F_x0042_'],
    ['_x0041\u0001', '_x005F_x0041_x0001_'],
    ['_x41_', '_x41_'],
  ])('%j is written %j', (text, xml) => expect(escapedText(text)).toBe(xml))

  test('every text is read as it was', () => {
    const unit = fc.oneof(
      fc.constantFrom('_', 'x', '0', '4', '1', 'F', '\u0001', '\r', '\ufffe', '&', '<', ';'),
      fc.string({ unit: 'binary', maxLength: 2 }),
    )
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 20 }), (units) => {
        const text = units.join('')
        const bytes = Buffer.from(escapedText(text))
        return withoutEscapes(xmlText(bytes, 0, bytes.length, '')) === text
      }),
      { numRuns: 2000 },
    )
  })

  test('every attribute is read as it was', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => unescapedAttribute(escapedAttribute(text)) === text))
  })

  test('what looks like a formula is text', () =>
    expect(writer('text')('=1+1', 'A1')).toBe('<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>'))

  test('one that is longer than a cell holds is refused by the name of its column', () => {
    expect(isText(writer('text')('x'.repeat(32_767), 'A1'))).toBe(true)
    expect(() => writer('text')('x'.repeat(32_768), 'A1')).toThrow(/column `c`.*32,767/)
  })
})

test('a sheet has 1,048,576 rows', () => {
  const rows = (firstRow: number) => new SheetRows({ file: 'a.xlsx', writers: [writer('text')], positions: [1], firstRow })
  expect(rows(1_048_576).write([['a']])).toContain('r="A1048576"')
  expect(() => rows(1_048_576).write([['a'], ['b']])).toThrow(/1,048,576/)
})

test('a sheet has 16,384 columns', () => {
  const columns = Array.from({ length: 16_385 }, (_, index) => ({ name: `c${index}`, type: parseType('text'), nullable: true }))
  expect(positionsOf(columns.slice(1), new Map(), 'a.xlsx')).toHaveLength(16_384)
  expect(() => positionsOf(columns, new Map(), 'a.xlsx')).toThrow(/16385 columns/)
})

function sameDecimal(a: string, b: string): boolean {
  const bare = (text: string) => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)
  return bare(a) === bare(b) && Number(a) === Number(b)
}
